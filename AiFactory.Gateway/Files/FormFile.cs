using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files;

/// <summary>Which part of a form is the file, and how large it may be.</summary>
internal sealed record FormFile(string Part, long Limit, OpenAIError TooLarge);
