using System.Text.Json;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Inference.Tokens;

/// <summary>
/// <c>POST /tokenize</c>, in one of three forms: vLLM's <c>{"prompt":"Hello"}</c> and <c>{"messages":[...]}</c>, llama-server's <c>{"content":"Hello"}</c>. Also what <c>POST /apply-template</c> takes.
/// </summary>
internal sealed record TokenizeRequest
{
    /// <summary>May be absent where the caller sees one model only.</summary>
    public string? Model { get; init; }

    /// <summary>vLLM's: tokenized as a prompt of completions is.</summary>
    public string? Prompt { get; init; }

    /// <summary>llama-server's: without the tokens around a text, and with control tokens read, unless told.</summary>
    public string? Content { get; init; }

    /// <summary>vLLM's chat form: tokenized as the messages of a chat are.</summary>
    public IReadOnlyList<ChatRequestMessage>? Messages { get; init; }

    public JsonElement? Tools { get; init; }
    public JsonElement? ToolChoice { get; init; }
    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <summary>Whether the prompt ends in what begins the assistant's turn; true when null.</summary>
    public bool? AddGenerationPrompt { get; init; }

    /// <summary>vLLM's name for <see cref="AddSpecial"/>; true for a prompt when null.</summary>
    public bool? AddSpecialTokens { get; init; }

    /// <summary>The tokens that the model wants around a text, for example a begin-of-text; false for a content when null.</summary>
    public bool? AddSpecial { get; init; }

    /// <summary>Whether the text of a control token is read as that token: true for a content when null, false for a prompt.</summary>
    public bool? ParseSpecial { get; init; }

    /// <summary>vLLM's: the tokens' texts beside their numbers.</summary>
    public bool? ReturnTokenStrs { get; init; }

    /// <summary>llama-server's: each token as <see cref="TokenPiece"/>.</summary>
    public bool? WithPieces { get; init; }

    public bool? ContinueFinalMessage { get; init; }
    public string? ChatTemplate { get; init; }
}
