using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine;

/// <summary>A request that has a slot, or will have one again: how much of it is in the cache, and what has been said. Only the engine's thread touches it.</summary>
internal sealed class Sequence
{
    /// <summary>The longest piece of a token, in bytes; vocabularies stay below 256.</summary>
    private const int LongestPiece = 1024;

    private readonly LlamaModel _model;
    private readonly TokenSampler _sampler;
    private readonly StopMatcher _stops;

    // Holds the bytes of an unfinished character until the rest comes; what is no UTF-8 becomes U+FFFD.
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    private SlotTokens _cache = new(-1);
    private int _inputDone;
    private int _nextToken;
    private int _generated;
    private int _saidBefore = -1;
    private bool _isOver;
    private List<TokenLogprob> _untold = [];

    public Sequence(LlamaModel model, Generation generation)
    {
        _model = model;
        Generation = generation;
        Input = generation.Request.Prompt;
        _sampler = new TokenSampler(model, generation.Request);
        _stops = new StopMatcher(generation.Request.Stop);
        Tenant = generation.PrefixTenant;
        generation.Start();
    }

    public Generation Generation { get; }

    /// <summary>The time stamp at which it left a slot, went on in one, or had its turn before somebody more urgent; null when it came in its order and never had to leave.</summary>
    public long? MovedAt { get; set; }

    /// <summary>Grows with each that is admitted.</summary>
    public required long Number { get; init; }

    /// <inheritdoc cref="GenerationRequest.ReadsCache"/>
    public bool ReadsCache => Generation.Request.ReadsCache;

    /// <summary>What is stored of it while it is out, if anything.</summary>
    public StoredPrefix? Stored { get; private set; }

    /// <inheritdoc cref="Generation.PrefixTenant"/>
    public string? Tenant { get; }

    public EngineAdapter? Adapter => Generation.Adapter;

    /// <summary>The number of the step that computed it last, or in which it came; see <see cref="AdapterTurns"/>.</summary>
    public long? LastStep { get; set; }

    /// <summary>The time stamp until which it waits to begin, in a slot too.</summary>
    public long Deadline { get; init; } = long.MaxValue;

    /// <summary>Whether anything was computed for it.</summary>
    public bool WasAdmitted { get; private set; }

    public int Priority => Generation.Request.Terms.Priority;

    /// <summary>What is to be computed before a token can be chosen: the prompt; after it had to leave its slot, what was in the cache and the token said last.</summary>
    public int[] Input { get; private set; }

    /// <summary>The sequence id in the cache; -1 without a slot.</summary>
    public int Slot => _cache.Slot;

    /// <summary>Tokens in the cache; none of its own before it has begun.</summary>
    public int Position => HasBegun ? _cache.Count : 0;

    /// <summary>Whether it is computed. One that has not begun waits for another that computes the same beginning.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Tokens of the prompt that were in the cache when it began.</summary>
    public int CachedTokens { get; private set; }

    public int GeneratedTokens => _generated;

    /// <summary>Whether it had to leave a slot and has said nothing since: sent out again and again it would be computed for ever.</summary>
    public bool OwesToken => _generated == _saidBefore;

    public bool IsPrefilling => _inputDone < Input.Length;

    public int PromptRemaining => Input.Length - _inputDone;

    /// <summary>Where its logits will be in the batch; -1 when this step gives none.</summary>
    public int OutputIndex { get; private set; } = -1;

    public void Seat(SlotTokens slot) => _cache = slot;

    /// <summary>Begins, or goes on, behind what the cache holds of its input.</summary>
    public void Begin()
    {
        HasBegun = true;
        _inputDone = _cache.Count;
        if (!WasAdmitted)
        {
            WasAdmitted = true;
            Generation.Timings.MarkAdmitted();
            CachedTokens = _cache.Count;
        }
    }

    /// <summary>Leaves its slot between two steps, to go on later in any.</summary>
    /// <param name="stored">What is stored of it, which stays until it goes on or ends.</param>
    public void LeaveSlot(StoredPrefix? stored = null)
    {
        if (stored is not null)
        {
            stored.Pins++;
        }

        Stored = stored;
        if (HasBegun && !IsPrefilling)
        {
            Input = [.. _cache.Tokens, _nextToken];
        }

        HasBegun = false;
        LastStep = null;
        OutputIndex = -1;
        _saidBefore = _generated;
        _inputDone = 0;
        _cache = new SlotTokens(-1);
    }

    /// <summary>This step computes nothing of it.</summary>
    public void Skip() => OutputIndex = -1;

    public void Unpin()
    {
        if (Stored is not null)
        {
            Stored.Pins--;
            Stored = null;
        }
    }

    /// <summary>Puts the token said last into the batch, or the next part of the prompt.</summary>
    /// <param name="promptTokens">How much of the input, when it is not done.</param>
    public void AddTo(LlamaBatchBuffer batch, int promptTokens)
    {
        OutputIndex = -1;
        if (!IsPrefilling)
        {
            OutputIndex = AddTo(batch, _nextToken, isOutput: true);
            return;
        }

        for (var i = 0; i < promptTokens; i++)
        {
            var isLast = _inputDone + 1 == Input.Length;
            var index = AddTo(batch, Input[_inputDone++], isLast);
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
            Generation.Write(new GenerationEvent.Text("") { Tokens = _untold, Generated = _generated });
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
            Generation.Write(_untold.Count == 0 ? new GenerationEvent.Text(text) { Generated = _generated } : new GenerationEvent.Text(text) { Tokens = _untold, Generated = _generated });
            _untold = _untold.Count == 0 ? _untold : [];
            _isOver |= Generation.Request.IsOver?.Invoke(text) == true;
        }
    }
}
