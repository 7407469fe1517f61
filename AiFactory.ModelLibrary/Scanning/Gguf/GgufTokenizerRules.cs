namespace AiFactory.ModelLibrary.Scanning.Gguf;

/// <summary>The tokenizer must be there, agree with itself, and with the width of the embedding table.</summary>
internal static class GgufTokenizerRules
{
    private static readonly string[] SpecialTokens =
    [
        "bos_token_id", "eos_token_id", "eot_token_id", "unknown_token_id", "seperator_token_id", "padding_token_id", "cls_token_id", "mask_token_id",
    ];

    internal static IEnumerable<ScanFinding> Check(GgufFile file)
    {
        var model = file.Text("tokenizer.ggml.model");
        if (model is null)
        {
            yield return new ScanFinding("tokenizer", null, "the metadata key 'tokenizer.ggml.model' is missing or not a text: the model has no tokenizer");
            yield break;
        }

        if (model is "none" or "no_vocab")
        {
            yield return new ScanFinding("tokenizer", null, "the model says that it has no vocabulary, so no text can reach it");
            yield break;
        }

        if (file.Sequence(GgufVocabulary.Key) is not { ElementType: GgufValueType.String, Count: > 0 } tokens)
        {
            yield return new ScanFinding("tokenizer", null, "'tokenizer.ggml.tokens' is missing, empty or not a list of texts");
            yield break;
        }

        foreach (var finding in CheckLists(file, tokens).Concat(CheckSpecialTokens(file, tokens)).Concat(CheckEmbeddings(file, tokens)))
        {
            yield return finding;
        }

        if (model == "gpt2" && file.Sequence("tokenizer.ggml.merges") is not { ElementType: GgufValueType.String })
        {
            yield return new ScanFinding("tokenizer", null, "a byte-pair tokenizer ('gpt2') needs 'tokenizer.ggml.merges', a list of texts");
        }
    }

    private static IEnumerable<ScanFinding> CheckLists(GgufFile file, GgufValue.Sequence tokens)
    {
        // llama.cpp reads both as plain memory of these types, whatever the file says that they are.
        foreach (var (key, type) in ((string, GgufValueType)[])[("tokenizer.ggml.scores", GgufValueType.Float32), ("tokenizer.ggml.token_type", GgufValueType.Int32)])
        {
            if (file.Metadata.GetValueOrDefault(key) is not { } value)
            {
                continue;
            }

            if (value is not GgufValue.Sequence list)
            {
                yield return new ScanFinding("tokenizer", value.Offset, $"'{key}' is not a list");
            }
            else if (list.ElementType != type)
            {
                yield return new ScanFinding("tokenizer", list.Offset, $"'{key}' is a list of {Name(list.ElementType)} and must be one of {Name(type)}");
            }
            else if (list.Count != tokens.Count)
            {
                yield return new ScanFinding("tokenizer", list.Offset, $"'{key}' has {list.Count} entries for {tokens.Count} tokens");
            }
        }

        static string Name(GgufValueType type) => type.ToString().ToUpperInvariant();
    }

    private static IEnumerable<ScanFinding> CheckSpecialTokens(GgufFile file, GgufValue.Sequence tokens)
    {
        foreach (var key in SpecialTokens.Select(name => $"tokenizer.ggml.{name}"))
        {
            // -1, also as an unsigned number, says "none".
            if (file.Metadata.GetValueOrDefault(key) is GgufValue.Integer id && id.Value >= tokens.Count && id.Value != uint.MaxValue)
            {
                yield return new ScanFinding("tokenizer", id.Offset, $"'{key}' is {id.Value}, outside of the {tokens.Count} tokens");
            }
        }
    }

    private static IEnumerable<ScanFinding> CheckEmbeddings(GgufFile file, GgufValue.Sequence tokens)
    {
        // [embedding, vocabulary]; some models pad the table, none may lack a row.
        if (file.Tensors.FirstOrDefault(tensor => tensor.Name == "token_embd.weight") is { Dimensions: [_, var rows, ..] } table && rows < tokens.Count)
        {
            yield return new ScanFinding("tokenizer", table.At, $"'token_embd.weight' has {rows} rows for {tokens.Count} tokens");
        }
    }
}
