import pytest

from speckle2vec.choices import ENCODERS
from speckle2vec.cli import main
from speckle2vec.errors import UserError
from speckle2vec.networks.table import describe_networks
from speckle2vec.settings.training import CnnTransformer, Pretrain

PRINTED = {
    "resnet18": "11,211,008",
    "resnet34": "21,319,168",
    "resnet18-attention": "11,621,570",
    "decoder,": "2,266,631",
}


def rows_of(text):
    return {line.split()[0]: line for line in text.splitlines()}


def test_the_command_prints_the_papers_numbers_without_a_config(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["networks"]) == 0
    rows = rows_of(capsys.readouterr().out)
    assert set(rows) == {"network", "decoder,", *ENCODERS}
    for name, count in PRINTED.items():
        assert f"  {count}  " in rows[name]
    assert " ".join(rows["resnet34"].split()).endswith("14 x 128 x 128 512 x 8 x 8 1024")
    assert rows["decoder,"].endswith("7 x 128 x 128")


def test_channels_and_size_are_options(capsys):
    assert main(["networks", "--channels", "12", "--size", "64"]) == 0
    rows = rows_of(capsys.readouterr().out)
    assert "12 x 64 x 64 128 x 4 x 4 1024" in " ".join(rows["cnn-transformer"].split())


def test_a_config_tells_the_encoders_settings(capsys, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "corpora: {a: {source: simulated}}\npretrain: {cnn_transformer: {seasons: true}}\n"
    )
    assert main(["networks", "--channels", "12", "--config", str(path)]) == 0
    expected = describe_networks(12, 128, Pretrain(cnn_transformer=CnnTransformer(seasons=True)))
    assert capsys.readouterr().out == expected
    assert expected != describe_networks(12, 128, Pretrain())


@pytest.mark.parametrize(
    ("channels", "size", "sentence"),
    [(0, 64, "--channels is 0"), (2, 100, "multiples of 32"), (2, 0, "multiples of 32")],
)
def test_what_is_no_image_is_a_sentence(channels, size, sentence):
    with pytest.raises(UserError, match=sentence):
        describe_networks(channels, size, Pretrain())
