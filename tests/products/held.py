"""How many arrays are still in memory when the next one is drawn."""

import weakref


class Held:
    """Draws arrays, and counts those drawn before that someone still holds."""

    def __init__(self):
        self._drawn, self.most = [], 0

    def draw(self, make, count):
        """`count` times what `make` makes of a number: an array, and what holds it."""
        for number in range(count):
            self.most = max(self.most, sum(one() is not None for one in self._drawn))
            array, holder = make(number)
            self._drawn.append(weakref.ref(array))
            del array
            yield holder
            del holder
