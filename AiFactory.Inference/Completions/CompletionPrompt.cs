using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Native;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Completions;

/// <summary>What a completion goes on from: a prompt, or what stands between it and a suffix.</summary>
/// <param name="Echo">What the answer begins with; empty when only what was generated is told.</param>
internal sealed record CompletionPrompt(int[] Tokens, string Echo)
{
    private const string Field = "prompt";

    public static OpenAIError? Read(CompletionRequest request, ServedModel model, out CompletionPrompt prompt)
    {
        prompt = new CompletionPrompt([], "");
        if (Tokenize(request, model, out var tokens) is { } refusal)
        {
            return refusal;
        }

        var echo = request.Echo != true ? "" : TextOf(request.Prompt) ?? model.Model.Detokenize(tokens);
        if (request.Suffix is not { Length: > 0 } suffix)
        {
            prompt = new CompletionPrompt(tokens, echo);
            return null;
        }

        var most = model.Model.MostBytes(model.ContextLength);
        if (Encoding.UTF8.GetByteCount(suffix) is var bytes && bytes > most)
        {
            return OpenAIError.TextTooLong(model.ContextLength, bytes, most, "suffix");
        }

        if (model.Model.FillInTheMiddle(tokens, suffix) is not { } between)
        {
            return OpenAIError.Unsupported("suffix", " by this model: its vocabulary has no tokens for what stands before and behind a gap");
        }

        prompt = new CompletionPrompt(between, echo);
        return null;
    }

    /// <summary>With a suffix there may be nothing before.</summary>
    private static OpenAIError? Tokenize(CompletionRequest request, ServedModel model, out int[] tokens)
    {
        if (request.Suffix is { Length: > 0 } && TextOf(request.Prompt) is "")
        {
            tokens = model.Model.Tokenize("", addSpecial: true, parseSpecial: false);
            return null;
        }

        var refusal = TextInput.Read(request.Prompt, Field, model.Model, model.ContextLength, most: 1, out var prompts);
        tokens = refusal is null ? prompts[0] : [];
        return refusal;
    }

    /// <returns>Null when the prompt is tokens.</returns>
    private static string? TextOf(JsonElement? prompt) => prompt switch
    {
        { ValueKind: JsonValueKind.String } text => RequestValues.Text(text),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 && list[0].ValueKind == JsonValueKind.String => RequestValues.Text(list[0]),
        _ => null,
    };
}
