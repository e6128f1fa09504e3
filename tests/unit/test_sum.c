/* Digests against Python's hashlib and hmac, over every way that the last block can be filled. */
#include "common/base/sum.h"
#include "tests/unit/unit.h"

/* The data of length n is the bytes (7 * i + n) & 255. */
static const struct {
	size_t n;
	const char *md5, *sha256;
} digests[] = {
	{ 0, "d41d8cd98f00b204e9800998ecf8427e",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ 1, "55a54008ad1ba589aa210d2629c1df41",
	  "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a" },
	{ 3, "c9aee4810523ef8658121b8d492c6b41",
	  "6ab0dba1f4f1dfbb37b4f9eeb092c09fca4900ad32bdcd147d8dde35d6c87c35" },
	{ 55, "f1289732253518750e22b62a571a1748",
	  "81afe5b788dc2ce138ff83d9b20164db75a94d75d2b2432eea4a0ef605088c72" },
	{ 56, "179e3b9fa272a23e2a8b32bde1015414",
	  "2aba54f0ac632420a2b502431408866e40e1d5e430df4cd822642c78ab2eb9c1" },
	{ 57, "d5f0a59aa9d6d8164d3754fb91f67809",
	  "903284efbf9100e8ba1614ec65eacacad125e03f857cae7acbf8b73b23e0fdfe" },
	{ 63, "dd785945d1d6b87eca0d276dbb8756fd",
	  "733d3d4ee79ee67145bf73da13588f6f235d37414fc64b14a2f00f1762792f5e" },
	{ 64, "e3ab394ce4eb7da020a27d2e2443143c",
	  "79322907b3e9d013d7dc2c2f256674dbf733045cde01df3539271c6f5605feb8" },
	{ 65, "28a6b0f918d9aea03e979a1657d8d0f6",
	  "d85c007c6eb440f085afa2b84f6f2bce4658b240e9f62cb1364bf0485a57e720" },
	{ 111, "d54c1b85b05a0800af2c6d01394f0421",
	  "b41ae5233b9ec35d8576a032034d2857b667a618c7038714d727d4dae3aa2525" },
	{ 119, "d49720530a386a3191eac0dc840dd1bd",
	  "6c87eedf096b345de205b702e5223b73b447a3207791ded3ea007ba15ed6736e" },
	{ 120, "8a440004b569286a42c722295ce1c5a6",
	  "42500cf6a1e3936d6b9e0bcfe296d654b63255e525487d3634d0b15fde591c4d" },
	{ 127, "36d03458e8a745e61afcf02257826e12",
	  "68f6ff710276900c0ffbbc57426f67e00c2e01f0750c7edc25ac06b8ce7a8095" },
	{ 128, "52cc29caecfd9380a2261a80c58e6787",
	  "489d55fea9a73af36b6dd0be7b4117d8e5683386d39544e8a44c99a87f368707" },
	{ 129, "0fa5eac15b498f879494809c74939fc7",
	  "4e1556b2e9a50a3cc9478f3254727b01065f9ac5d2c3a8b4cd538ae7240bb87d" },
	{ 1000, "c3b2968d34e038455d14c8827156e193",
	  "6b0df76627243d095b0c4400cb658b7e804dd03461cc03aee8fc8fe0bcada168" },
	{ 65537, "774c0cdd66a561f2b6181b6bb330d212",
	  "49eb2b54b404f188a584dee823b4d10b14fd5a59878399e59421e542a268d339" },
};

/* A key and data of these lengths. */
static const struct {
	size_t key, data;
	const char *md5, *sha256;
} hmacs[] = {
	{ 0, 0, "74e6f7298a9c2d168935f58c001bad88",
	  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
	{ 1, 3, "306c329aa0e6f6144e82716af6cffd14",
	  "1545ee89c1854559e3ebde580dceada9cb259bbc0173f9c975324609bf7379d9" },
	{ 63, 64, "ffa7e308eacea460e6cdfa21a8da42ab",
	  "086d8c232d84b64e1b3dd0b8fdc655a9a79e0e266b743e5100435b62425bbf99" },
	{ 64, 1, "4f15a14044932f5103c07b7ecbec89aa",
	  "8116b82de2a285a04d54a312c09d56505fcdb2d8604ebf9d8610fed77b1d6e25" },
	{ 65, 100, "f1973f8582c0e0c9757c5b0018bef68e",
	  "e33291b27a503496c706f5427f80dd3dc5703ef247f25d3248d620f2b04d11dd" },
	{ 200, 1000, "95085475f924c9925a7073791ed950a0",
	  "18eccb8590364ddd06e332a9a3340f61747352f6046ef4e56e3588ecc2184eb1" },
};

static uint8_t *bytes(size_t n)
{
	uint8_t *p = qf_malloc(n);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(7 * i + n);
	return p;
}

static void check(const uint8_t *got, const char *want)
{
	char text[2 * QF_SUM_MAX + 1];

	for (size_t i = 0; i < strlen(want) / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	ck_assert_str_eq(text, want);
}

START_TEST(known_answers)
{
	uint8_t out[QF_SUM_MAX];

	for (size_t i = 0; i < QF_LEN(digests); i++) {
		QF_AUTO_FREE uint8_t *p = bytes(digests[i].n);
		struct qf_str data = { (const char *)p, digests[i].n };

		qf_sum(QF_SUM_MD5, data, out);
		check(out, digests[i].md5);
		qf_sum(QF_SUM_SHA256, data, out);
		check(out, digests[i].sha256);
	}
}
END_TEST

START_TEST(in_pieces)
{
	QF_AUTO_FREE uint8_t *p = bytes(1000);

	for (size_t step = 1; step < 200; step++) {
		uint8_t out[QF_SUM_MAX];
		struct qf_sum d;

		qf_sum_init(&d, QF_SUM_SHA256);
		for (size_t at = 0; at < 1000; at += step)
			qf_sum_add(&d, p + at, 1000 - at < step ? 1000 - at : step);
		qf_sum_end(&d, out);
		check(out, digests[15].sha256);
	}
}
END_TEST

START_TEST(keyed)
{
	for (size_t i = 0; i < QF_LEN(hmacs); i++) {
		QF_AUTO_FREE uint8_t *k = bytes(hmacs[i].key), *p = bytes(hmacs[i].data);
		struct qf_str key = { (const char *)k, hmacs[i].key }, data = { (const char *)p, hmacs[i].data };
		uint8_t out[QF_SUM_MAX];

		qf_hmac(QF_SUM_MD5, key, data, out);
		check(out, hmacs[i].md5);
		qf_hmac(QF_SUM_SHA256, key, data, out);
		check(out, hmacs[i].sha256);
	}
}
END_TEST

UNIT_MAIN("sum", 20, known_answers, in_pieces, keyed)
