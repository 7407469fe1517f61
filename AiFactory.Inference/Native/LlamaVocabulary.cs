using System.Text;

namespace AiFactory.Inference.Native;

/// <summary>From tokens back to text. The tokens are checked here: llama.cpp ends the process on one that it does not have.</summary>
internal static unsafe class LlamaVocabulary
{
    private const int LongestAnswer = 1 << 30;

    /// <summary>Control tokens come as their text, <c>&lt;|im_end|&gt;</c>; what is no whole character as U+FFFD.</summary>
    public static string Detokenize(this LlamaModel model, ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)model.VocabularySize);
        }

        if (tokens.IsEmpty)
        {
            return "";
        }

        var vocabulary = LlamaNative.llama_model_get_vocab(model.Pointer);
        var buffer = new byte[Math.Min(LongestAnswer, (tokens.Length * 8L) + 16)];
        while (true)
        {
            int length;
            fixed (int* first = tokens)
            fixed (byte* bytes = buffer)
            {
                length = LlamaNative.llama_detokenize(vocabulary, first, tokens.Length, bytes, buffer.Length, removeSpecial: 0, unparseSpecial: 1);
            }

            if (length >= 0)
            {
                return Encoding.UTF8.GetString(buffer, 0, length);
            }

            // Too small: the answer is the length, negated.
            buffer = length > -LongestAnswer && -length > buffer.Length ? new byte[-length] : throw new LlamaException("The tokens cannot be put into text.");
        }
    }

    /// <summary>
    /// A gap for the model to fill (https://arxiv.org/abs/2207.14255), with what stands before it first: the mark of the prefix, the prefix, the mark of the suffix, the suffix, the mark of the middle.
    /// </summary>
    /// <param name="prefix">As <see cref="LlamaModel.Tokenize"/> gives it: a token that begins a text stays in front.</param>
    /// <returns>Null when the vocabulary has no such marks.</returns>
    public static int[]? FillInTheMiddle(this LlamaModel model, int[] prefix, string suffix)
    {
        var vocabulary = LlamaNative.llama_model_get_vocab(model.Pointer);
        var (before, behind, middle) = (LlamaNative.llama_vocab_fim_pre(vocabulary), LlamaNative.llama_vocab_fim_suf(vocabulary), LlamaNative.llama_vocab_fim_mid(vocabulary));
        if (before < 0 || behind < 0 || middle < 0)
        {
            return null;
        }

        var begin = LlamaNative.llama_vocab_get_add_bos(vocabulary) != 0 && prefix is [var first, ..] && first == LlamaNative.llama_vocab_bos(vocabulary) ? 1 : 0;
        return [.. prefix[..begin], before, .. prefix[begin..], behind, .. model.Tokenize(suffix, addSpecial: false, parseSpecial: false), middle];
    }

    /// <summary>The bytes of a token, which need not be whole UTF-8 characters; a control token's are its text.</summary>
    public static byte[] GetBytes(this LlamaModel model, int token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)model.VocabularySize);
        var bytes = new byte[model.LongestPiece];
        fixed (byte* first = bytes)
        {
            byte none = 0;
            var length = LlamaNative.llama_token_to_piece(LlamaNative.llama_model_get_vocab(model.Pointer), token, first is null ? &none : first, bytes.Length, 0, special: 1);
            return length < 0 ? throw new LlamaException($"Token {token} cannot be put into text.") : bytes[..length];
        }
    }
}
