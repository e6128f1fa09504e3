/* The category of a finding: files and lines, and what each place in them is. */
#include "common/base/mem.h"
#include "tests/unit/unit.h"
#include "tools/align/scan/category.h"

#define IMPORT QF_CAT_IMPORT
#define DEPENDENCY QF_CAT_DEPENDENCY
#define LOCK QF_CAT_LOCK
#define CONFIG QF_CAT_CONFIG
#define ENV QF_CAT_ENV
#define SECRET QF_CAT_SECRET
#define HOST QF_CAT_HOST
#define IDENTIFIER QF_CAT_IDENTIFIER
#define STRING QF_CAT_STRING
#define COMMENT QF_CAT_COMMENT
#define DOCUMENT QF_CAT_DOCUMENT

/* text: a file; the finding is the line with the first "weaviate" or "snowflake" in any case. */
static const struct {
	const char *path, *text;
	enum qf_category want;
} cases[] = {
	/* Python */
	{ "a.py", "import weaviate\n", IMPORT },
	{ "a.py", "import os, weaviate as w\n", IMPORT },
	{ "a.py", "from weaviate import Client\n", IMPORT },
	{ "a.py", "from x import (\n    a,\n    WeaviateClient,\n)\n", IMPORT },
	{ "a.py", "try: import weaviate\nexcept ImportError: pass\n", IMPORT },
	{ "a.py", "x = 1; from weaviate import y\n", IMPORT },
	{ "a.py", "from x import (\n    a,  # for weaviate\n)\n", COMMENT },
	{ "a.py", "from x import y\nweaviate = 1\n", IDENTIFIER },
	{ "a.py", "m = importlib.import_module(\"weaviate.classes\")\n", IMPORT },
	{ "a.py", "m = __import__('weaviate')\n", IMPORT },
	{ "a.py", "def f():\n    yield from weaviate\n", IDENTIFIER },
	{ "a.py", "raise X from weaviate_error\n", IDENTIFIER },
	{ "a.py", "client = weaviate.Client()\n", IDENTIFIER },
	{ "a.py", "class SnowflakeLoader:\n    pass\n", IDENTIFIER },
	{ "a.py", "f(weaviate_url=1)\n", IDENTIFIER },
	{ "a.py", "SNOWFLAKE_RETRIES = 3\n", IDENTIFIER },
	{ "a.py", "x = 1  # weaviate\n", COMMENT },
	{ "a.py", "#!/usr/bin/env python\n# weaviate\n", COMMENT },
	{ "a.py", "\"\"\"Reads\nfrom weaviate.\n\"\"\"\nx = 1\n", COMMENT },
	{ "a.py", "def f():\n    \"\"\"Of weaviate.\"\"\"  # sic\n    return 1\n", COMMENT },
	{ "a.py", "def f():\n    '''import weaviate'''\n", COMMENT },
	{ "a.py", "x = \"weaviate\"\n", STRING },
	{ "a.py", "x: \"weaviate.Client\"\n", STRING },
	{ "a.py", "x = {\n    \"weaviate\": 1,\n}\n", STRING },
	{ "a.py", "log(f\"no weaviate {x}\")\n", STRING },
	{ "a.py", "log(f\"{weaviate.x} is gone\")\n", IDENTIFIER },
	{ "a.py", "x = \"import weaviate\"\n", STRING },
	{ "a.py", "q = \"\"\"\nSELECT * FROM snowflake.x\n\"\"\"\n", STRING },
	{ "a.py", "x = os.getenv(\"SNOWFLAKE_ACCOUNT\")\n", ENV },
	{ "a.py", "x = os.environ['weaviate']\n", ENV },
	{ "a.py", "x = os.environ.get(\"WEAVIATE\", 1)\n", ENV },
	{ "a.py", "x = {}.get(\"WEAVIATE\", 1)\n", STRING },
	{ "a.py", "keys = [\"SNOWFLAKE_USER\", 1]\n", ENV },
	{ "a.py", "snowflake_user = os.getenv(\"SNOWFLAKE_USER\")\n", ENV },
	{ "a.py", "x = \"http://weaviate:8080\"\n", HOST },
	{ "a.py", "x = \"weaviate:8080\"\n", HOST },
	{ "a.py", "x = f\"{account}.snowflakecomputing.com\"\n", HOST },
	{ "a.py", "x = \"snowflake://user@account/db\"\n", HOST },
	{ "a.py", "x = \"abc.weaviate.network\"\n", HOST },
	{ "a.py", "x = \"backend.snowflake.app\"\n", STRING },
	{ "a.py", "x = \"see weaviate: it is old\"\n", STRING },
	{ "a.py", "t = \"k: ${{ secrets.SNOWFLAKE_KEY }}\"\n", SECRET },
	{ "a.py", "def broken(:\n    import weaviate\n", IMPORT },
	{ "a.py", "def broken(:\n    x = 1  # weaviate\n", COMMENT },
	{ "a.py", "def broken(:\n    x = 'weaviate'\n", STRING },
	{ "tool", "#!/usr/bin/python3\nimport weaviate\n", IMPORT },
	{ "a.pyi", "def f(x: WeaviateClient) -> None: ...\n", IDENTIFIER },
	{ "a.pyx", "cimport weaviate\n", IMPORT },
	{ "setup.py", "setup(install_requires=[\n    'weaviate-client>=3',\n])\n", DEPENDENCY },
	{ "setup.py", "setup(name='weaviate-tools')\n", STRING },
	/* dependencies and lock files */
	{ "requirements.txt", "weaviate-client==3.25.3\n", DEPENDENCY },
	{ "requirements.txt", "# weaviate is old\n", COMMENT },
	{ "requirements/dev.txt", "weaviate-client\n", DEPENDENCY },
	{ "dev-requirements.in", "snowflake-connector-python\n", DEPENDENCY },
	{ "pyproject.toml", "[tool.poetry.dependencies]\nweaviate-client = \"^4\"\n", DEPENDENCY },
	{ "pyproject.toml", "[project]\ndependencies = [\n  \"weaviate-client>=4\",\n]\n", DEPENDENCY },
	{ "pyproject.toml", "[project]\nname = \"weaviate-x\"\n", STRING },
	{ "pyproject.toml", "[project]\ndependencies = [\n  \"a[b]\",\n]\nkeywords = [\"weaviate\"]\n", STRING },
	{ "pyproject.toml", "[tool.weaviate]\nx = 1\n", CONFIG },
	{ "pyproject.toml", "[tool.x]\nweaviate_url = 1\n", CONFIG },
	{ "Pipfile", "[packages]\nweaviate-client = \"*\"\n", DEPENDENCY },
	{ "setup.cfg", "[options]\ninstall_requires =\n    weaviate-client\n", DEPENDENCY },
	{ "Cargo.toml", "[dependencies]\nweaviate = \"1\"\n", DEPENDENCY },
	{ "package.json", "{\"name\": \"x\", \"dependencies\": {\"weaviate-ts-client\": \"1\"}}", DEPENDENCY },
	{ "package.json", "{\"dependencies\": {\"a\": \"1\"}, \"keywords\": [\"weaviate\"]}", STRING },
	{ "package.json", "{\"scripts\": {\"weaviate\": \"run\"}}", CONFIG },
	{ "environment.yml", "dependencies:\n  - python\n  - pip:\n    - weaviate-client\n", DEPENDENCY },
	{ "go.mod", "require github.com/weaviate/weaviate v1.2.3\n", DEPENDENCY },
	{ "go.sum", "github.com/weaviate/weaviate v1.2.3 h1:x=\n", LOCK },
	{ "poetry.lock", "name = \"weaviate-client\"\n", LOCK },
	{ "ui/package-lock.json", "{\"weaviate\": 1}", LOCK },
	{ "pnpm-lock.yaml", "# weaviate\n", LOCK },
	{ "flake.lock", "weaviate", LOCK },
	/* continuous integration */
	{ ".github/workflows/ci.yml", "env:\n  A: ${{ secrets.SNOWFLAKE_KEY }}\n", SECRET },
	{ ".github/workflows/ci.yml", "env:\n  SNOWFLAKE_KEY: ${{ secrets.SNOWFLAKE_KEY }}\n", SECRET },
	{ ".github/workflows/ci.yml", "env:\n  SNOWFLAKE_KEY: x\n", ENV },
	{ ".github/workflows/ci.yml", "steps:\n  - run: |\n      pip install weaviate-client\n", DEPENDENCY },
	{ ".github/workflows/ci.yml", "steps:\n  - run: |\n      # weaviate\n", COMMENT },
	{ ".github/workflows/ci.yml", "steps:\n  - run: |\n      echo \"weaviate: x\"\n", STRING },
	{ ".github/workflows/ci.yml", "steps:\n  - uses: weaviate/action@v1\n", DEPENDENCY },
	{ ".github/workflows/ci.yml", "steps:\n  - name: Start Weaviate\n", STRING },
	{ "ci.sh", "gh secret set SNOWFLAKE_KEY < key\n", SECRET },
	{ "Jenkinsfile", "x = credentials('snowflake-key')\n", SECRET },
	/* settings */
	{ "a.yaml", "weaviate:\n  url: x\n", CONFIG },
	{ "a.yaml", "db:\n  - weaviate_url: x\n", CONFIG },
	{ "a.yaml", "db: weaviate\n", STRING },
	{ "a.yaml", "db: x # weaviate\n", COMMENT },
	{ "a.yaml", "db: \"x # weaviate\"\n", STRING },
	{ "docker-compose.yml", "services:\n  v:\n    image: semitechnologies/weaviate:1.19.6\n", HOST },
	{ "docker-compose.yml", "services:\n  v:\n    image: semitechnologies/weaviate\n", HOST },
	{ "docker-compose.yml", "services:\n  v:\n    environment:\n      - WEAVIATE_URL=x\n", ENV },
	{ "docker-compose.yml", "services:\n  v:\n    volumes:\n      - d:/var/lib/weaviate\n", STRING },
	{ "k8s.yaml", "url: http://weaviate.default.svc.cluster.local\n", HOST },
	{ "a.json", "{\"weaviate\": {\"x\": 1}}", CONFIG },
	{ "a.json", "{\"x\": \"weaviate\"}", STRING },
	{ "a.json", "{\"env\": {\"SNOWFLAKE_USER\": \"x\"}}", ENV },
	{ "a.json", "{\"x\": \"${SNOWFLAKE_USER}\"}", ENV },
	{ "a.json", "{\"url\": \"http://weaviate:8080\"}", HOST },
	{ "a.ini", "[weaviate]\nx = 1\n", CONFIG },
	{ "a.ini", "[x]\nname = weaviate\n", STRING },
	{ "a.ini", "; weaviate\n", COMMENT },
	{ "nginx.conf", "http {\n  proxy_pass http://weaviate:8080/;\n}\n", HOST },
	{ ".env", "WEAVIATE_URL=x\n", ENV },
	{ ".env.example", "# weaviate\n", COMMENT },
	{ ".env.production", "URL=https://x.weaviate.network\n", HOST },
	{ ".env", "STORE=weaviate\n", STRING },
	{ "env.template", "SNOWFLAKE_USER=x\n", ENV },
	{ "Dockerfile", "FROM semitechnologies/weaviate:1.2\n", HOST },
	{ "Dockerfile", "ENV A=1 \\\n    WEAVIATE_URL=x\n", ENV },
	{ "Dockerfile", "ARG weaviate\n", ENV },
	{ "Dockerfile.gpu", "RUN pip install -q weaviate-client && x\n", DEPENDENCY },
	{ "Dockerfile", "RUN pip install x && rm weaviate\n", STRING },
	{ "Dockerfile", "# weaviate\n", COMMENT },
	{ "pom.xml", "<a>\n<!-- weaviate\n-->\n</a>\n", COMMENT },
	{ "a.xml", "<weaviate x=\"1\"/>\n", CONFIG },
	{ "a.xml", "<a x=\"weaviate\"/>\n", STRING },
	{ "a.xml", "<a>weaviate</a>\n", STRING },
	{ "main.tf", "resource \"snowflake_table\" \"x\" {\n", STRING },
	{ "main.tf", "snowflake_user = 1\n", CONFIG },
	/* other languages */
	{ "a.sh", "export SNOWFLAKE_USER=x\n", ENV },
	{ "a.sh", "echo \"$SNOWFLAKE_USER\"\n", ENV },
	{ "a.sh", "curl http://weaviate:8080/v1\n", HOST },
	{ "a.sh", "x # weaviate\n", COMMENT },
	{ "a.sh", "echo \"weaviate\"\n", STRING },
	{ "a.sh", "deploy_weaviate now\n", IDENTIFIER },
	{ "run", "#!/bin/sh\n# weaviate\n", COMMENT },
	{ "a.js", "import weaviate from 'weaviate-client';\n", IMPORT },
	{ "a.ts", "import {\n  A,\n  WeaviateClient,\n} from 'x';\n", IMPORT },
	{ "a.js", "const w = require('weaviate-client');\n", IMPORT },
	{ "a.js", "export { default as Snowflake } from './s.js';\n", IMPORT },
	{ "a.js", "export const weaviate = 1;\n", IDENTIFIER },
	{ "a.ts", "const u = process.env.WEAVIATE_URL;\n", ENV },
	{ "a.js", "/* a\n * weaviate\n */\n", COMMENT },
	{ "a.js", "x(); // weaviate\n", COMMENT },
	{ "a.js", "x('http://a//b'); weaviate();\n", IDENTIFIER },
	{ "a.js", "x = `a\nweaviate`;\n", STRING },
	{ "a.go", "import (\n\t\"fmt\"\n\t\"github.com/weaviate/x\"\n)\n", IMPORT },
	{ "a.go", "x := os.Getenv(\"WEAVIATE\")\n", ENV },
	{ "A.java", "import io.weaviate.client.Client;\n", IMPORT },
	{ "a.cs", "using (var weaviate = x()) {\n", IDENTIFIER },
	{ "a.c", "#include \"weaviate.h\"\n", IMPORT },
	{ "a.rs", "use weaviate::{A, B};\nfn f() {}\n", IMPORT },
	{ "a.sql", "-- snowflake\n", COMMENT },
	{ "a.sql", "USE snowflake.public;\n", IDENTIFIER },
	{ "a.sql", "SELECT 'snowflake';\n", STRING },
	{ "a.css", ".snowflake { color: red }\n", IDENTIFIER },
	{ "Makefile", "up:\n\tdocker run weaviate # x\n", IDENTIFIER },
	{ "CMakeLists.txt", "# weaviate\n", COMMENT },
	{ "Gemfile", "gem 'weaviate-ruby'\n", DEPENDENCY },
	/* documents, data, the unknown */
	{ "README.md", "Use `WEAVIATE_URL`.\n", DOCUMENT },
	{ "docs/a.rst", "import weaviate\n", DOCUMENT },
	{ "LICENSE", "weaviate", DOCUMENT },
	{ ".cursorrules", "weaviate", DOCUMENT },
	{ "notes.txt", "weaviate", DOCUMENT },
	{ "a.csv", "1,weaviate\n", STRING },
	{ ".gitignore", "weaviate-data/\n", STRING },
	{ ".gitignore", "# weaviate\n", COMMENT },
	{ "config.yaml.j2", "weaviate: {{ x }}\n", CONFIG },
	/* notebooks */
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n \"import weaviate\\n\"]}]}", IMPORT },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n \"x = weaviate.Client()\"]}]}", IDENTIFIER },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n \"x = \\\"weaviate\\\"\"]}]}", STRING },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n \"# weaviate\"]}]}", COMMENT },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": \"x = 1\\nfrom weaviate import y\"}]}", IMPORT },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\n \"!pip install weaviate-client\"]}]}", DEPENDENCY },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": [\n \"weaviate\"]}]}", DOCUMENT },
	{ "a.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"outputs\": [{\"text\": [\n \"weaviate\"]}]}]}", STRING },
};

/* The finding that a scan would make of the first line that names a system. */
static struct qf_finding find(const char *path, const char *text)
{
	const char *w = strcasestr(text, "weaviate"), *s = strcasestr(text, "snowflake"), *at = w && (!s || w < s) ? w : s;
	const char *name = at == w ? "weaviate" : "snowflake", *begin = at, *end;
	struct qf_finding f = { .kind = QF_FORBIDDEN, .path = path, .rule = name, .line = 1, .column = 1 };

	ck_assert_msg(at, "%s: nothing to find in '%s'", path, text);
	end = strchrnul(at, '\n');
	while (begin > text && begin[-1] != '\n')
		begin--;
	for (const char *p = text; p < begin; p++)
		f.line += *p == '\n';
	f.offset = (uint64_t)(at - text);
	f.match = (struct qf_str){ at, strlen(name) };
	f.text = (struct qf_str){ begin, (size_t)(end - begin) };
	for (const char *p = at; p && p < end; p = strcasestr(p + 1, name))
		f.hits++;
	return f;
}

START_TEST(each_place)
{
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_finding f = find(cases[i].path, cases[i].text);

		qf_category_set(cases[i].path, qf_str(cases[i].text), &f, 1);
		ck_assert_msg(f.category == cases[i].want, "case %zu, %s: '%s' is %s, not %s", i, cases[i].path,
			      cases[i].text, qf_category_name(f.category), qf_category_name(cases[i].want));
	}
}
END_TEST

/* Memory checkers see what is read beyond the file's end. */
START_TEST(cut_anywhere)
{
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_finding f = find(cases[i].path, cases[i].text);

		for (size_t n = f.offset + f.match.n; n <= strlen(cases[i].text); n++) {
			char *text = qf_malloc(n);

			memcpy(text, cases[i].text, n);
			f.category = QF_CAT_NONE;
			f.match.p = text + f.offset;
			f.text.p = text + (f.text.p - cases[i].text);
			f.text.n = n - (size_t)(f.text.p - text) < f.text.n ? n - (size_t)(f.text.p - text) : f.text.n;
			qf_category_set(cases[i].path, (struct qf_str){ text, n }, &f, 1);
			ck_assert_msg(f.category != QF_CAT_NONE, "%s cut at %zu", cases[i].path, n);
			f = find(cases[i].path, cases[i].text);
			free(text);
		}
	}
}
END_TEST

START_TEST(line_alone)
{
	static const struct {
		const char *path, *text;
		enum qf_category want;
	} lines[] = {
		{ "a.py", "import weaviate", IMPORT },
		{ "a.py", "    x = weaviate  # y", IDENTIFIER },
		{ "a.py", "    x = y  # weaviate", COMMENT },
		{ "a.js", "// weaviate", COMMENT },
		{ "a.json", "  \"weaviate\": 1,", CONFIG },
		{ "a.yaml", "weaviate: 1", CONFIG },
		{ "a.md", "weaviate", DOCUMENT },
	};

	for (size_t i = 0; i < QF_LEN(lines); i++) {
		struct qf_finding f = find(lines[i].path, lines[i].text);

		f.offset = 1ull << 40;
		qf_category_set(lines[i].path, (struct qf_str){ 0 }, &f, 1);
		ck_assert_msg(f.category == lines[i].want, "%s: %s", lines[i].text, qf_category_name(f.category));
		/* An offset that does not fit the file is no reason to read elsewhere. */
		f.category = QF_CAT_NONE;
		qf_category_set(lines[i].path, QF_STR("x\n"), &f, 1);
		ck_assert_msg(f.category == lines[i].want, "%s: %s", lines[i].text, qf_category_name(f.category));
	}
}
END_TEST

START_TEST(weightiest_of_a_line)
{
	static const char text[] = "import os  # weaviate\nx = weaviate(\"WEAVIATE_URL\")  # weaviate\n# weaviate\n";
	struct qf_finding f[4] = { 0 };
	const char *at = text;

	for (unsigned i = 0; i < 3; i++) {
		at = strcasestr(at, "weaviate");
		f[i] = (struct qf_finding){ .kind = QF_FORBIDDEN, .path = "a.py", .rule = "weaviate", .line = i + 1,
					    .column = 1, .offset = (uint64_t)(at - text), .match = { at, 8 },
					    .hits = i == 1 ? 3 : 1 };
		at = strchr(at, '\n');
	}
	f[3] = (struct qf_finding){ .kind = QF_FORBIDDEN, .path = "a.py", .rule = "weaviate" };
	qf_category_set("a.py", qf_str(text), f, 4);
	ck_assert_str_eq(qf_category_name(f[0].category), "comment");
	ck_assert_str_eq(qf_category_name(f[1].category), "environment-variable");
	ck_assert_str_eq(qf_category_name(f[2].category), "comment");
	ck_assert_str_eq(qf_category_name(f[3].category), "path-name");
}
END_TEST

/* Megabytes in one line with a match at every step: no search from the start for each. */
START_TEST(long_lines)
{
	static const char *const paths[] = { "a.js", "a.json", "a.py", "a.yaml", "a.xml", "a.toml", "a.ipynb", "a.x" };
	struct qf_buf text = { 0 };
	enum { N = 20000 };
	struct qf_finding *f = qf_calloc(N, sizeof(*f));

	for (size_t i = 0; i < N; i++) {
		QF_BUF_LIT(&text, "x = [\"a_weaviate_b\", \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"], ");
		if (i % 2)
			QF_BUF_LIT(&text, "\n");
	}
	for (size_t p = 0; p < QF_LEN(paths); p++) {
		const char *at = text.p;

		for (size_t i = 0; i < N; i++) {
			at = memmem(at, (size_t)(text.p + text.n - at), "weaviate", 8);
			f[i] = (struct qf_finding){ .kind = QF_FORBIDDEN, .path = paths[p], .rule = "weaviate",
						    .line = 1 + (unsigned)i, .column = 1, .hits = N,
						    .offset = (uint64_t)(at - text.p), .match = { at, 8 } };
			at += 8;
		}
		qf_category_set(paths[p], qf_buf_str(&text), f, N);
		for (size_t i = 0; i < N; i++)
			ck_assert_msg(f[i].category == QF_CAT_STRING, "%s: %s", paths[p], qf_category_name(f[i].category));
	}
	free(f);
	qf_buf_release(&text);
}
END_TEST

UNIT_MAIN("align_category", 60, each_place, cut_anywhere, line_alone, weightiest_of_a_line, long_lines)
