namespace AiFactory.Inference.Weights.Gguf;

/// <summary>llama.cpp asserts while it tokenizes: a token that is to be added must be there, and each byte must be told by some token.</summary>
internal static class GgufTokenizerRules
{
    private static readonly Dictionary<string, Family> Families = new(StringComparer.Ordinal)
    {
        // The tokens that llama.cpp takes where the file names none.
        ["llama"] = new(Begin: 1, End: 2, Separator: null, AddsBegin: true),
        ["bert"] = new(Begin: 101, End: null, Separator: 102, AddsBegin: true, AddsSeparator: true),
        ["gpt2"] = new(Begin: 11, End: 11, Separator: null, AddsBegin: true),
    };

    public static void Check(GgufHeader header)
    {
        var model = header.Text("tokenizer.ggml.model") ?? throw new GgufException("'tokenizer.ggml.model' is missing or no text: the model has no tokenizer");
        if (model is "none" or "no_vocab" or "test")
        {
            throw new GgufException("it says that it has no vocabulary: no text can reach it");
        }

        if (header.Sequence(GgufMetadata.Tokens) is not { ElementType: GgufValueType.String, Count: > 0 } tokens)
        {
            throw new GgufException($"'{GgufMetadata.Tokens}' is missing, empty or no list of texts");
        }

        foreach (var key in (string[])["tokenizer.ggml.scores", "tokenizer.ggml.token_type"])
        {
            if (header.Metadata.TryGetValue(key, out var value) && (value is not GgufValue.Sequence { ElementType: GgufValueType.Int32 or GgufValueType.Float32 } list || list.Count != tokens.Count))
            {
                throw new GgufException($"'{key}' is no list of a number for each of the {tokens.Count} tokens");
            }
        }

        // Byte-pair vocabularies have their bytes as tokens; this one falls back to them, and throws through C when one is absent.
        if (model == "llama" && tokens.ByteTokens < 256)
        {
            throw new GgufException($"of the 256 tokens that stand for one byte (<0x00> to <0xFF>) it has {tokens.ByteTokens}");
        }

        var family = Families.GetValueOrDefault(model) ?? new Family(null, null, null);
        Require(header, tokens.Count, "bos", family.Begin, Flag(header, "add_bos_token") ?? family.AddsBegin);
        Require(header, tokens.Count, "eos", family.End, Flag(header, "add_eos_token") ?? false);
        Require(header, tokens.Count, "seperator", family.Separator, Flag(header, "add_sep_token") ?? family.AddsSeparator);
        if (model == "bert")
        {
            // It adds both whatever the flags say.
            Require(header, tokens.Count, "bos", family.Begin, true);
            Require(header, tokens.Count, "seperator", family.Separator, true);
        }
    }

    private static void Require(GgufHeader header, long tokens, string name, int? fallback, bool added)
    {
        long? id = header.Integer($"tokenizer.ggml.{name}_token_id") is { } named && named < tokens ? named : fallback;
        if (added && (id is null || id >= tokens))
        {
            throw new GgufException($"texts are to get its token '{name}', which is none of its {tokens}");
        }
    }

    private static bool? Flag(GgufHeader header, string name) => header.Metadata.GetValueOrDefault($"tokenizer.ggml.{name}") is GgufValue.Flag flag ? flag.Value : null;

    private sealed record Family(int? Begin, int? End, int? Separator, bool AddsBegin = false, bool AddsSeparator = false);
}
