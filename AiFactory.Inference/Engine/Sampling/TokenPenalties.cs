using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Makes tokens that came before less probable, or more. The repetition's penalty counts the prompt too, those of frequency and presence (OpenAI's) the answer alone.</summary>
internal sealed class TokenPenalties
{
    private readonly LlamaSamplerOptions _options;
    private readonly HashSet<int> _seen = [];

    // By token: how often it came.
    private readonly Dictionary<int, int> _counts = [];

    public TokenPenalties(LlamaSamplerOptions options, ReadOnlySpan<int> prompt)
    {
        _options = options;
        foreach (var token in options.RepetitionPenalty != 1 ? prompt : [])
        {
            _seen.Add(token);
        }
    }

    public bool AreAny => _options.RepetitionPenalty != 1 || _options.FrequencyPenalty != 0 || _options.PresencePenalty != 0;

    public void Accept(int token)
    {
        if (AreAny)
        {
            _seen.Add(token);
            _counts[token] = _counts.GetValueOrDefault(token) + 1;
        }
    }

    public void Apply(Span<float> logits)
    {
        foreach (var token in _options.RepetitionPenalty != 1 ? _seen : [])
        {
            logits[token] = logits[token] <= 0 ? logits[token] * _options.RepetitionPenalty : logits[token] / _options.RepetitionPenalty;
        }

        foreach (var (token, count) in _counts)
        {
            logits[token] -= (count * _options.FrequencyPenalty) + _options.PresencePenalty;
        }
    }
}
