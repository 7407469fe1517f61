namespace AiFactory.Contracts;

/// <summary>Which protocol a service speaks that is none of the factory's.</summary>
public static class UpstreamKinds
{
    /// <summary>Anything that answers as OpenAI does: the cloud itself, vLLM, TensorRT-LLM, another gateway. Its base URL is what OpenAI's clients take, with <c>/v1</c>.</summary>
    public const string OpenAI = "openai";

    /// <summary>Azure's OpenAI service: <c>https://NAME.openai.azure.com</c>.</summary>
    public const string AzureOpenAI = "azure-openai";

    /// <summary>Anthropic's messages, as which chat completions are asked: <c>https://api.anthropic.com</c>.</summary>
    public const string Anthropic = "anthropic";

    public static IReadOnlyList<string> All { get; } = [OpenAI, AzureOpenAI, Anthropic];
}
