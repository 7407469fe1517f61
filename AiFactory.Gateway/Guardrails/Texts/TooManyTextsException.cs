using System.Text.Json;

namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>A document has more texts than any that is known.</summary>
internal sealed class TooManyTextsException() : JsonException($"It has more than {JsonTexts.MostPlaces} texts.");
