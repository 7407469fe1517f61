namespace AiFactory.Builder.Tools.Http;

/// <param name="ContentType">For example <c>application/json</c>; null when the server did not say.</param>
internal sealed record OutboundAnswer(int Status, string? ContentType, string Body)
{
    internal bool IsSuccess => Status is >= 200 and < 300;
}
