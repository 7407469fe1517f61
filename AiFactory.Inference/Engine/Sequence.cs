using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>A request that has a slot: how much of it is in the cache, and what has been said. Only the engine's thread touches it.</summary>
internal sealed class Sequence
{
    /// <summary>The longest piece of a token, in bytes; vocabularies stay below 256.</summary>
    private const int LongestPiece = 1024;

    private readonly LlamaModel _model;
    private readonly TokenSampler _sampler;
    private readonly StopMatcher _stops;
    private readonly SlotTokens _cache;

    // Holds the bytes of an unfinished character until the rest comes; what is no UTF-8 becomes U+FFFD.
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    private int _promptDone;
    private int _nextToken;
    private int _generated;
    private bool _isOver;
    private List<TokenLogprob> _untold = [];

    public Sequence(LlamaModel model, Generation generation, SlotTokens cache)
    {
        _model = model;
        Generation = generation;
        _cache = cache;
        _sampler = new TokenSampler(model, generation.Request);
        _stops = new StopMatcher(generation.Request.Stop);
    }

    public Generation Generation { get; }

    /// <summary>Grows with each that is admitted.</summary>
    public required long Number { get; init; }

    /// <summary>The sequence id in the cache.</summary>
    public int Slot => _cache.Slot;

    /// <summary>Tokens in the cache; none of its own before it has begun.</summary>
    public int Position => HasBegun ? _cache.Count : 0;

    /// <summary>Whether it is computed. One that has not begun waits for another that computes the same beginning.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Tokens of the prompt that were in the cache when it began.</summary>
    public int CachedTokens { get; private set; }

    public int GeneratedTokens => _generated;

    public bool IsPrefilling => _promptDone < Generation.Request.Prompt.Length;

    public int PromptRemaining => Generation.Request.Prompt.Length - _promptDone;

    /// <summary>Where its logits will be in the batch; -1 when this step gives none.</summary>
    public int OutputIndex { get; private set; } = -1;

    /// <summary>Begins behind what the cache holds of its prompt.</summary>
    public void Begin()
    {
        HasBegun = true;
        Generation.Timings.MarkAdmitted();
        CachedTokens = _promptDone = _cache.Count;
    }

    /// <summary>Puts the token said last into the batch, or the next part of the prompt.</summary>
    /// <param name="promptTokens">How much of the prompt, when it is not done.</param>
    public void AddTo(LlamaBatchBuffer batch, int promptTokens)
    {
        OutputIndex = -1;
        if (!IsPrefilling)
        {
            OutputIndex = AddTo(batch, _nextToken, isOutput: true);
            return;
        }

        var prompt = Generation.Request.Prompt;
        for (var i = 0; i < promptTokens; i++)
        {
            var isLast = _promptDone + 1 == prompt.Length;
            var index = AddTo(batch, prompt[_promptDone++], isLast);
            OutputIndex = isLast ? index : -1;
        }
    }

    private int AddTo(LlamaBatchBuffer batch, int token, bool isOutput)
    {
        var index = batch.Add(token, _cache.Count, Slot, isOutput);
        _cache.Add(token);
        return index;
    }

    /// <summary>
    /// 1. Sample a token from the logits of this step. 2. End on the model's own end. 3. Tell the whole characters that it completes, stop texts held back.
    /// 4. End on a stop text, when nothing may follow, or when the tokens are used up.
    /// </summary>
    /// <returns>The end, when this was the last token.</returns>
    public GenerationEvent? Advance(LlamaContext context, LlamaBatchBuffer batch)
    {
        try
        {
            _nextToken = _sampler.Next(context, batch, OutputIndex);
        }
        catch (SamplingException nothing)
        {
            return new GenerationEvent.Refused(nothing.Message);
        }

        if (++_generated == 1)
        {
            Generation.Timings.MarkFirstToken();
        }

        if (_sampler.IsEnd(_nextToken))
        {
            return Finish(FinishReasons.Stop);
        }

        if (_sampler.TellsLogprobs)
        {
            _untold.Add(_sampler.Describe(context, batch, OutputIndex, _nextToken));
        }

        Span<byte> piece = stackalloc byte[LongestPiece];
        var length = Math.Max(0, _model.GetPiece(_nextToken, piece));
        Tell(_stops.Append(Decode(piece[..length], flush: false)));
        if (_stops.IsMatched || _isOver)
        {
            return End(FinishReasons.Stop);
        }

        return _sampler.IsComplete ? Finish(FinishReasons.Stop)
            : _generated >= Generation.Request.MaxTokens ? Finish(FinishReasons.Length)
            : null;
    }

    /// <summary>Tells what was held back, then ends.</summary>
    private GenerationEvent.Finished Finish(string reason)
    {
        Tell(_stops.Append(Decode([], flush: true)));
        if (_stops.IsMatched)
        {
            return End(FinishReasons.Stop);
        }

        Tell(_stops.Flush());
        return End(reason);
    }

    private GenerationEvent.Finished End(string reason)
    {
        if (_untold.Count > 0)
        {
            Generation.Write(new GenerationEvent.Text("") { Tokens = _untold });
        }

        return new GenerationEvent.Finished(reason, Generation.Request.Prompt.Length, CachedTokens, _generated);
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[LongestPiece + 4];
        var count = _decoder.GetChars(bytes, characters, flush);
        return count == 0 ? "" : new string(characters[..count]);
    }

    private void Tell(string text)
    {
        if (text.Length > 0)
        {
            Generation.Write(_untold.Count == 0 ? new GenerationEvent.Text(text) : new GenerationEvent.Text(text) { Tokens = _untold });
            _untold = _untold.Count == 0 ? _untold : [];
            _isOver |= Generation.Request.IsOver?.Invoke(text) == true;
        }
    }
}
