"""Models that settings name, and names that are none."""

from itertools import product

import pytest

from speckle2vec.choices import ENCODERS, FEATURE_SETS, METHODS
from speckle2vec.settings.named_models import check_models


def test_every_choice_is_a_name_with_and_without_a_seed():
    every = ["/".join(parts) for parts in product(FEATURE_SETS, METHODS, ENCODERS)]
    check_models([*every, *(f"{model}@7" for model in every)])
    check_models([])


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        (["fusion/vae"], "holds 'fusion/vae'; write it as features/method/encoder"),
        (["a/b/c/d"], "write it as features/method/encoder"),
        (["fusoin/vae/resnet18"], r"'fusoin/.*There is no feature set `fusoin`; did .* `fusion`\?"),
        (["fusion//resnet18"], "There is no pretraining method ``. Valid names: none, simclr"),
        (["fusion/vae/resnet-18"], r"There is no encoder `resnet-18`; did you mean `resnet18`\?"),
        (["fusion/vae/resnet18@x"], "after the @ stands its seed"),
        (["fusion/vae/resnet18", "fusion/vae/resnet18"], "names a model twice"),
    ],
)
def test_what_names_no_model_is_a_sentence(models, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_models(models)
