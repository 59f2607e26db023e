"""What holds of the LSTM as a language model."""

import torch

from attnlab.models import LSTMLM


def build() -> LSTMLM:
    torch.manual_seed(3)
    return LSTMLM(vocab_size=29, context_length=13, max_length=17, dim=11, num_layers=2).double().eval()


def test_reading_on_from_a_state_gives_the_logits_of_the_whole() -> None:
    model, ids = build(), torch.randint(4, 29, (3, 11), generator=torch.Generator().manual_seed(5))
    first, state = model.advance(ids[:, :7])
    second, state = model.advance(ids[:, 7:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), model(ids))
    assert state.length == 11
    rows = torch.tensor([2, 0])
    again, _ = model.advance(ids[rows, 7:], model.advance(ids[:, :7])[1].select(rows))
    torch.testing.assert_close(again, second[rows])


def test_a_text_is_read_as_alone_whatever_stands_before_it() -> None:
    model, ids = build(), torch.randint(4, 29, (2, 11), generator=torch.Generator().manual_seed(5))
    logits = model(ids, torch.tensor([[0] * 4 + [1] * 7, [2] * 5 + [3] + [4] * 5]))
    for row, lengths in enumerate([[4, 7], [5, 1, 5]]):
        alone = [model(part[None])[0] for part in ids[row].split(lengths)]
        torch.testing.assert_close(logits[row], torch.cat(alone))
