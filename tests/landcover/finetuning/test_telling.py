"""What a training on labels says before it begins."""

import logging

import pytest
import torch

from speckle2vec.landcover.finetuning.telling import announce
from speckle2vec.training.samples import HeldSource, Samples


def source_of(count: int) -> HeldSource:
    ids = tuple(map(str, range(count)))
    return HeldSource(ids, (0,) * count, torch.zeros(count, 4), torch.zeros(count, 1, 8, 8))


def samples_of(train: int, held_out: int, held_out_is_training: bool) -> Samples:
    return Samples(source_of(train), source_of(held_out), held_out_is_training, {}, "")


@pytest.fixture(autouse=True)
def all_levels(caplog):
    caplog.set_level(logging.INFO)


def test_network_and_numbers_are_told(caplog):
    announce("resnet18 (whole-5), trained by vae", samples_of(9, 8, False))
    told = "Fine-tuning resnet18 (whole-5), trained by vae: 9 training samples, 8 of validation"
    assert [record.getMessage() for record in caplog.records] == [told]


def test_training_samples_that_stand_in_for_validation_are_none_of_it(caplog):
    announce("resnet18", samples_of(9, 9, True))
    first, second = caplog.records
    assert first.getMessage() == "Fine-tuning resnet18: 9 training samples, 0 of validation"
    assert second.levelno == logging.WARNING
    assert "raise `splits.validation`" in second.getMessage()
