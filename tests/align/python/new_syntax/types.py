# PEP 695 and 696: type is a soft keyword, parameters may have defaults.
type Point = tuple[float, float]
type Tree[T] = T | list[Tree[T]]
type Callback[**P, R = int] = Callable[P, R]
type Alias[*Ts = *tuple[int, ...]] = tuple[*Ts]
type = type(1)
type[int]
type.x = type in (1, 2)
type, match, case, _ = 1, 2, 3, 4


def first[T: (int, str) = int, *Ts, **P](items: list[T], *args: *Ts) -> T:
    return items[0]


class Box[T: Hashable = str](Base[T], metaclass=Meta):
    item: T

    async def get[K](self, key: K, /, *, default: T | None = None) -> T:
        async with lock, other as x:
            return await self.all[key]


def legacy(*args: P.args, **kwargs: P.kwargs) -> Annotated[int, ...]: ...
