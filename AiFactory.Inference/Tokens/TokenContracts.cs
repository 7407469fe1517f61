using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Inference.Tokens;

/// <param name="MaxModelLen">Tokens of context for one request.</param>
/// <param name="Tokens">An <c>int[]</c>, or with <c>with_pieces</c> a <c>TokenPiece[]</c>.</param>
/// <param name="TokenStrs">With <c>return_token_strs</c> only.</param>
internal sealed record TokenizeResponse(int Count, int MaxModelLen, object Tokens, IReadOnlyList<string>? TokenStrs);

/// <param name="Piece">A text, or an <c>int[]</c> of bytes that are no whole characters.</param>
internal sealed record TokenPiece(int Id, object Piece);

/// <param name="Tokens">An array of whole numbers.</param>
internal sealed record DetokenizeRequest(string? Model, JsonElement? Tokens);

/// <summary>The same text under vLLM's name and under llama-server's.</summary>
internal sealed record DetokenizeResponse(string Prompt, string Content);

internal sealed record ApplyTemplateResponse(string Prompt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenizeResponse))]
[JsonSerializable(typeof(DetokenizeRequest))]
[JsonSerializable(typeof(DetokenizeResponse))]
[JsonSerializable(typeof(ApplyTemplateResponse))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(TokenPiece[]))]
[JsonSerializable(typeof(string))]
internal sealed partial class TokenJson : JsonSerializerContext;
