using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>What a model says of how a query and a document are put together for it to rank.</summary>
internal static class LlamaRanker
{
    /// <summary>For example <c>Query: {query} Document: {document}</c>; null when the file has none.</summary>
    public static string? GetRerankTemplate(this LlamaModel model) =>
        LlamaNative.llama_model_chat_template_named(model.Pointer, "rerank") is var text && text == nint.Zero ? null : Marshal.PtrToStringUTF8(text);

    /// <summary>The tokens around and between the two: those that the vocabulary wants, in a pair of texts as in one.</summary>
    public static (int[] Begin, int[] Between, int[] End) GetPairMarks(this LlamaModel model)
    {
        var vocabulary = LlamaNative.llama_model_get_vocab(model.Pointer);
        var separator = LlamaNative.llama_vocab_sep(vocabulary);
        var end = LlamaNative.llama_vocab_eos(vocabulary) is >= 0 and var token ? token : separator;
        int[] ends = LlamaNative.llama_vocab_get_add_eos(vocabulary) != 0 ? Present(end) : [];
        int[] separators = LlamaNative.llama_vocab_get_add_sep(vocabulary) != 0 ? Present(separator) : [];
        return (LlamaNative.llama_vocab_get_add_bos(vocabulary) != 0 ? Present(LlamaNative.llama_vocab_bos(vocabulary)) : [], [.. ends, .. separators], ends.Length > 0 ? ends : separators);
    }

    private static int[] Present(int token) => token < 0 ? [] : [token];
}
