using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Files;

/// <summary>The form ends in the middle, or has no end: found while somebody else reads its bytes.</summary>
internal sealed class FormException(OpenAIError error, Exception? inner = null) : Exception(error.Body.Message, inner)
{
    public OpenAIError Error { get; } = error;
}
