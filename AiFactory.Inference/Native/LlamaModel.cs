using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Text;
using AiFactory.Inference.Hardware;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Native;

/// <summary>A loaded model: weights and vocabulary. Shared by threads; nothing here changes it.</summary>
internal sealed unsafe class LlamaModel : SafeHandle
{
    private FrozenDictionary<int, byte[]> _shown = FrozenDictionary<int, byte[]>.Empty;
    private readonly nint _vocabulary;
    private long _tokenizations;

    private LlamaModel(nint model)
        : base(nint.Zero, ownsHandle: true)
    {
        SetHandle(model);
        _vocabulary = LlamaNative.llama_model_get_vocab(model);
        VocabularySize = LlamaNative.llama_vocab_n_tokens(_vocabulary);
        TrainedContext = LlamaNative.llama_model_n_ctx_train(model);
        EmbeddingLength = LlamaNative.llama_model_n_embd_out(model);
        SizeBytes = (long)LlamaNative.llama_model_size(model);
        HasDecoder = LlamaNative.llama_model_has_decoder(model) != 0;
        KeepsParts = (LlamaNative.llama_model_is_recurrent(model) | LlamaNative.llama_model_is_hybrid(model)) == 0 && LlamaNative.llama_model_n_swa(model) <= 0;
        var template = LlamaNative.llama_model_chat_template(model, nint.Zero);
        ChatTemplate = template == nint.Zero ? null : Marshal.PtrToStringUTF8(template);
        var second = LlamaNative.llama_model_chat_template_named(model, "tool_use");
        ToolTemplate = second == nint.Zero ? null : Marshal.PtrToStringUTF8(second);
        BeginText = GetText(LlamaNative.llama_vocab_bos(_vocabulary));
        EndText = GetText(LlamaNative.llama_vocab_eos(_vocabulary));
        LongestPiece = MeasureLongestPiece();
        EndTokens = [.. Enumerable.Range(0, VocabularySize).Where(IsEndOfGeneration)];
        Sampling = SamplingDefaults.Of(this);
    }

    public override bool IsInvalid => handle == nint.Zero;

    public int VocabularySize { get; }

    /// <summary>Tokens of context that the model was trained with.</summary>
    public int TrainedContext { get; }

    /// <summary>Numbers in one embedding.</summary>
    public int EmbeddingLength { get; }

    public long SizeBytes { get; }

    /// <summary>Bytes of text that the longest token stands for, control tokens among them.</summary>
    public int LongestPiece { get; }

    /// <summary>Those that end an answer.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    public bool HasDecoder { get; }

    /// <summary>It is only looked at, and has no weights.</summary>
    public bool IsMeasured { get; private init; }

    /// <summary>Whether the first tokens of a sequence can be kept without the rest: not with a state that is one for all of them, as Mamba's, nor with a sliding window,
    /// as Gemma's: a copy of a state leaves out what lies outside the window, and what is cut off shorter would need it.</summary>
    public bool KeepsParts { get; }

    /// <summary>Jinja, as the file has it; null when it has none.</summary>
    public string? ChatTemplate { get; }

    /// <summary>The one that the file has for requests with tools (<c>tokenizer.chat_template.tool_use</c>); null when there is no second one.</summary>
    public string? ToolTemplate { get; }

    public SamplingDefaults Sampling { get; }

    /// <summary>The text of the token that begins, and of the one that ends, what the model reads; null when it has none.</summary>
    public string? BeginText { get; }

    public string? EndText { get; }

    /// <summary>Told why when the process is about to end in a computation of this model; from any thread, and there is no time.</summary>
    public Action<string>? Dying { get; set; }

    internal nint Pointer => handle;

    public static LlamaModel Open(string path) => Open([path]);

    /// <param name="paths">The files of the model, in their order. Their headers are looked at first: llama.cpp ends the process at what it did not expect.</param>
    /// <exception cref="GgufException">A file is not what it says it is.</exception>
    /// <exception cref="LlamaException">llama.cpp refuses it.</exception>
    /// <param name="placement">Which layers go to GPUs; llama.cpp's own choice (all, where there is one) when null.</param>
    /// <param name="measure">Only look: nothing is read or allocated but the vocabulary, and a context of it takes nothing either.</param>
    /// <param name="isChecked">The headers of these files, which are held, were looked at just now.</param>
    public static LlamaModel Open(IReadOnlyList<string> paths, bool measure = false, LayerPlacement? placement = null, bool isChecked = false)
    {
        if (!isChecked)
        {
            GgufRules.Check([.. paths.Select(GgufHeader.Read)]);
        }

        var parameters = LlamaNative.llama_model_default_params();
        if (measure)
        {
            parameters.NoAllocation = 1;
            parameters.LoadMode = 0;
        }

        // llama.cpp reads a share for each device that it may ever know, and copies them.
        var split = new float[Math.Max((int)LlamaNative.llama_max_devices(), placement?.Split.Count ?? 0)];
        for (var index = 0; index < placement?.Split.Count; index++)
        {
            split[index] = placement.Split[index];
        }

        parameters.GpuLayers = placement?.GpuLayers ?? parameters.GpuLayers;
        nint model;
        LlamaLog.BeginCapture();
        fixed (float* shares = split)
        {
            parameters.TensorSplit = placement is { Split.Count: > 0 } ? (nint)shares : nint.Zero;
            model = LlamaNative.Load(paths, parameters);
        }

        var lines = LlamaLog.EndCapture();
        return model == nint.Zero
            ? throw new LlamaException($"llama.cpp cannot load the model: {LastError(lines)}")
            : new LlamaModel(model) { IsMeasured = measure };
    }

    public bool IsEndOfGeneration(int token) => LlamaNative.llama_vocab_is_eog(_vocabulary, CheckToken(token)) != 0;

    /// <summary>A value of the file's metadata as text, for example of <c>general.sampling.temp</c>; null when the file has none.</summary>
    public string? GetMetadata(string key)
    {
        Span<byte> buffer = stackalloc byte[256];
        fixed (byte* bytes = buffer)
        {
            var length = LlamaNative.llama_model_meta_val_str(handle, key, bytes, (nuint)buffer.Length);
            return length < 0 || length >= buffer.Length ? null : Encoding.UTF8.GetString(buffer[..length]);
        }
    }

    /// <summary>Texts of the tokens that steer the model, for example <c>&lt;|im_end|&gt;</c>. Only asked for are they read from a text: see <see cref="Tokenize(string, bool, bool)"/>.</summary>
    public IReadOnlyList<string> GetControlTexts()
    {
        const int Unknown = 1 << 0;
        const int Control = 1 << 3;
        var texts = new List<string>();
        for (var token = 0; token < VocabularySize; token++)
        {
            if ((LlamaNative.llama_vocab_get_attr(_vocabulary, token) & (Unknown | Control)) != 0
                && GetText(token) is { Length: > 0 } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>From now on these control tokens are part of an answer's text: marks of calls, which are read from it. Before anybody generates.</summary>
    public void Show(IEnumerable<string> texts) => _shown = texts
        .Select(text => (Tokens: Tokenize(text, addSpecial: false, parseSpecial: true), Text: text))
        .Where(pair => pair.Tokens.Length == 1)
        .DistinctBy(pair => pair.Tokens[0])
        .ToFrozenDictionary(pair => pair.Tokens[0], pair => Encoding.UTF8.GetBytes(pair.Text));

    /// <param name="addSpecial">Put the tokens around the text that the model asks for, for example a begin-of-text.</param>
    /// <param name="parseSpecial">Read the text of a control token as that token.</param>
    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial)
    {
        Interlocked.Increment(ref _tokenizations);
        var bytes = Encoding.UTF8.GetBytes(text);
        var tokens = new int[bytes.Length + 8];
        var count = Tokenize(bytes, tokens, addSpecial, parseSpecial);
        if (count < 0 && count != int.MinValue)
        {
            tokens = new int[-count];
            count = Tokenize(bytes, tokens, addSpecial, parseSpecial);
        }

        return count < 0 ? throw new LlamaException("The text cannot be tokenized.") : tokens[..count];
    }

    /// <summary>Texts that were tokenized so far: what a request costs before it waits.</summary>
    public long Tokenizations => Interlocked.Read(ref _tokenizations);

    /// <summary>
    /// Bytes above which no text fits into so many tokens. The floor is for vocabularies that fold text before they cut it: BERT's takes a run of spaces, or an unknown word, for less than its bytes.
    /// </summary>
    public long MostBytes(int tokens) => (long)tokens * Math.Max(LongestPiece, 32);

    /// <summary>The bytes of a token, which need not be whole UTF-8 characters; none for a control token.</summary>
    public int GetPiece(int token, Span<byte> buffer)
    {
        if (_shown.Count > 0 && _shown.TryGetValue(token, out var text))
        {
            text.CopyTo(buffer);
            return text.Length;
        }

        fixed (byte* bytes = buffer)
        {
            return LlamaNative.llama_token_to_piece(_vocabulary, CheckToken(token), bytes, buffer.Length, 0, 0);
        }
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_model_free(handle);
        return true;
    }

    private int Tokenize(byte[] text, int[] tokens, bool addSpecial, bool parseSpecial)
    {
        fixed (byte* textPointer = text)
        fixed (int* tokenPointer = tokens)
        {
            byte empty = 0;
            return LlamaNative.llama_tokenize(
                _vocabulary, textPointer is null ? &empty : textPointer, text.Length, tokenPointer, tokens.Length, (byte)(addSpecial ? 1 : 0), (byte)(parseSpecial ? 1 : 0));
        }
    }

    private string? GetText(int token) => token < 0 ? null : Marshal.PtrToStringUTF8(LlamaNative.llama_vocab_get_text(_vocabulary, token));

    private int MeasureLongestPiece()
    {
        var longest = 0;
        byte none = 0;
        for (var token = 0; token < VocabularySize; token++)
        {
            // With no room, the answer is the length, negated.
            longest = Math.Max(longest, Math.Abs(LlamaNative.llama_token_to_piece(_vocabulary, token, &none, 0, 0, 1)));
        }

        return longest;
    }

    private int CheckToken(int token) =>
        (uint)token < (uint)VocabularySize ? token : throw new ArgumentOutOfRangeException(nameof(token), token, "No such token.");

    private static string LastError(IReadOnlyList<string> lines) =>
        lines.LastOrDefault(line => line.Contains("error loading model", StringComparison.Ordinal)) ?? (lines is [.., var last] ? last : "it did not say why");
}
