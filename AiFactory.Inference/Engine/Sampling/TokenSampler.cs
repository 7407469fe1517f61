using System.Numerics.Tensors;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Chooses the tokens of one request, and keeps what that needs of those chosen before. Only the engine's thread touches it.</summary>
internal sealed class TokenSampler
{
    private readonly LlamaModel _model;
    private readonly AnswerRules _rules;
    private readonly TokenPicker _picker;
    private readonly ITokenConstraint? _constraint;
    private readonly TokenPenalties _penalties;
    private int _chosen;

    public TokenSampler(LlamaModel model, GenerationRequest request)
    {
        _model = model;
        _rules = request.Rules;
        _picker = new TokenPicker(request.Sampling);
        _penalties = new TokenPenalties(request.Sampling, request.Prompt);
        Func<ITextConstraint>? newAnswer = _rules.Grammar is { } grammar ? () => new TokenConstraint(grammar, VocabularyTrie.Of(model), IsEnd)
            : _rules.Calls is { } calls ? () => new CallConstraint(calls, VocabularyTrie.Of(model), IsEnd)
            : null;
        _constraint = newAnswer is not null && _rules.Thought is { } thought ? new ThoughtConstraint(thought, newAnswer, VocabularyTrie.Of(model), IsEnd) : newAnswer?.Invoke();
    }

    /// <summary>Whether nothing can follow the tokens that were chosen.</summary>
    public bool IsComplete => _constraint?.IsComplete == true;

    public bool TellsLogprobs => _rules.TopLogprobs is not null;

    /// <summary>
    /// 1. The logits, changed as the request asks. 2. A choice as if there were no grammar: mostly it is one that the grammar allows, and looking costs next to nothing.
    /// 3. Where it is not, some more such choices. 4. Where none of them is, one among all that it allows.
    /// </summary>
    /// <param name="outputIndex">Where this request's logits are in the batch.</param>
    /// <exception cref="SamplingException"/>
    public int Next(LlamaContext context, LlamaBatchBuffer batch, int outputIndex)
    {
        var raw = LlamaLogits.Of(context, batch, outputIndex, _model.VocabularySize);
        var logits = Change(raw);
        var token = _picker.Pick(logits);
        if (_constraint is not null)
        {
            try
            {
                token = _constraint.AllowsChoice(token) && !float.IsNegativeInfinity(logits[token]) ? token
                    : LikelyPick.Find(_picker, _constraint, logits, token, SamplingScratch.Of(raw.Length).Held.AsSpan(0, raw.Length))
                        ?? PickAllowed(_constraint, raw, logits);
                if (!IsEnd(token))
                {
                    _constraint.Accept(token);
                }
            }
            catch (GrammarOverloadException overload)
            {
                throw new SamplingException(overload.Message);
            }
        }

        _chosen++;
        _penalties.Accept(token);
        return token;
    }

    public bool IsEnd(int token) => _model.IsEndOfGeneration(token) || _rules.StopTokens.Contains(token);

    /// <summary>How probable the model found a token. In the same step as <see cref="Next"/>.</summary>
    public TokenLogprob Describe(LlamaContext context, LlamaBatchBuffer batch, int outputIndex, int token)
    {
        var logits = LlamaLogits.Of(context, batch, outputIndex, _model.VocabularySize);
        var scratch = SamplingScratch.Of(logits.Length);
        var weights = scratch.Weights.AsSpan(0, logits.Length);
        var max = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, max, weights);
        TensorPrimitives.Exp(weights, weights);
        var all = max + MathF.Log(TensorPrimitives.Sum<float>(weights));
        var top = Math.Min(_rules.TopLogprobs ?? 0, logits.Length);
        if (top > 0)
        {
            TokenPicker.Sort(logits, top, scratch);
        }

        return new TokenLogprob(Bytes(token), logits[token] - all, [.. Enumerable.Range(0, top).Select(place => new TokenLogprob(Bytes(scratch.Tokens[place]), scratch.Keys[place] - all, []))]);
    }

    private byte[] Bytes(int token) => VocabularyTrie.Of(_model).Piece(token).ToArray();

    private ReadOnlySpan<float> Change(ReadOnlySpan<float> raw)
    {
        var mayNotEnd = _rules.IgnoresEnd || _chosen < _rules.LeastTokens;
        if (!_penalties.AreAny && _rules.Bias.Count == 0 && !mayNotEnd)
        {
            return raw;
        }

        var logits = SamplingScratch.Of(raw.Length).Logits.AsSpan(0, raw.Length);
        raw.CopyTo(logits);
        _penalties.Apply(logits);
        foreach (var (token, bias) in _rules.Bias)
        {
            logits[token] += bias;
        }

        if (mayNotEnd)
        {
            foreach (var end in _model.EndTokens)
            {
                logits[end] = float.NegativeInfinity;
            }

            // With ignore_eos those that the request names still end the answer.
            foreach (var end in _chosen < _rules.LeastTokens ? _rules.StopTokens : [])
            {
                logits[end] = float.NegativeInfinity;
            }
        }

        return logits;
    }

    private int PickAllowed(ITokenConstraint constraint, ReadOnlySpan<float> raw, ReadOnlySpan<float> logits)
    {
        var held = SamplingScratch.Of(raw.Length).Held.AsSpan(0, raw.Length);
        held.Fill(float.NegativeInfinity);
        var isAny = false;
        foreach (var token in constraint.GetAllowed())
        {
            held[token] = logits[token];
            isAny |= !float.IsNegativeInfinity(logits[token]);
        }

        if (constraint.MayEnd)
        {
            // An end that the request forbids comes all the same when the grammar has nothing else.
            var ends = isAny ? logits : raw;
            foreach (var end in _model.EndTokens.Concat(_rules.StopTokens))
            {
                held[end] = ends[end];
                isAny |= !float.IsNegativeInfinity(ends[end]);
            }
        }

        return isAny ? _picker.Pick(held) : throw new SamplingException("No token of the model can follow what was generated, by the grammar that the answer is held to.");
    }
}
