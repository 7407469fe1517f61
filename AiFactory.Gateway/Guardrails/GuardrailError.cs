using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Guardrails;

/// <summary>What clients are told. It names the rule and never what the rule found.</summary>
internal static class GuardrailError
{
    private const string InvalidRequest = "invalid_request_error";

    /// <summary>OpenAI's code, and the reason by which a choice of its answer ends.</summary>
    public const string Code = "content_filter";

    private const string NotJudgedCode = "guardrail_not_judged";

    /// <param name="place">The member that holds what was found.</param>
    public static OpenAIError OfRequest(RuleIdentity rule, string place, string? why = null) =>
        OpenAIError.Of(StatusCodes.Status400BadRequest, $"The request was stopped by the rule {Words(rule)}{(why is null ? "" : $": {why}")}.", InvalidRequest, place, Code);

    /// <param name="why">In words of the rule's, and not of the answer's.</param>
    public static OpenAIError OfAnswer(RuleIdentity rule, string? why = null) =>
        OpenAIError.Of(StatusCodes.Status400BadRequest, $"The model's answer was stopped by the rule {Words(rule)}{(why is null ? "" : $": {why}")}.", InvalidRequest, code: Code);

    public static OpenAIError TooLongToJudge(RuleIdentity rule, int most) => OpenAIError.Of(
        StatusCodes.Status400BadRequest, $"The rule {Words(rule)} has texts judged by a model, and these are more than {most} windows of up to 500 bytes: send fewer (setting Guardrails:MostWindows).", InvalidRequest, code: "guardrail_too_long");

    /// <param name="judge">Null for who is not to know it.</param>
    public static OpenAIError NotJudged(RuleIdentity rule, PartFault fault, string? judge)
    {
        var said = $"The rule {Words(rule)} has texts judged by {(judge is null ? "a model, which gave no verdict" : $"'{judge}', which {fault.Why}")}. Nothing passes unjudged";
        return fault.Kind == PartFaultKind.OfQuestion
            ? OpenAIError.Of(StatusCodes.Status400BadRequest, $"{said}, and of the same texts it would say the same again: send others.", InvalidRequest, code: NotJudgedCode)
            : OpenAIError.Of(
                StatusCodes.Status503ServiceUnavailable, $"{said}: try again shortly. Who writes rules can let it pass while the model is away (onFailure: pass) or name another judge.", "server_error", code: NotJudgedCode) with
                {
                    RetryAfter = TimeSpan.FromSeconds(5),
                };
    }

    public static OpenAIError TokenIds(string place) => OpenAIError.Of(
        StatusCodes.Status400BadRequest, $"The rules of this project read texts: send '{place}' as text, and not as numbers of tokens.", InvalidRequest, place, "guardrail_unreadable");

    public static OpenAIError UnreadableRequest { get; } = OpenAIError.Of(
        StatusCodes.Status400BadRequest,
        $"The rules of this project cannot be held against the request: it is no JSON, or has more than {Texts.JsonTexts.MostPlaces} texts.",
        InvalidRequest,
        code: "guardrail_unreadable");

    public static OpenAIError UnreadableMember(string member) => OpenAIError.Of(
        StatusCodes.Status400BadRequest, $"The rules of this project read texts, and what a model gets by '{member}' they cannot tell: leave it out.", InvalidRequest, member, "guardrail_unreadable");

    public static OpenAIError TooLong(long characters, int most) => OpenAIError.Of(
        StatusCodes.Status400BadRequest, $"The texts of this request have {characters} characters; where rules read them, {most} may pass (setting Guardrails:MostCharacters).", InvalidRequest, code: "guardrail_too_long");

    public static OpenAIError Busy { get; } = OpenAIError.Of(
        StatusCodes.Status503ServiceUnavailable, "The rules are being held against other long texts. Try again shortly.", "server_error", code: "guardrail_busy") with
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static OpenAIError JudgesBusy { get; } = OpenAIError.Of(
        StatusCodes.Status503ServiceUnavailable, "As many texts are being judged by models now as this gateway has judged at once (setting Guardrails:JudgedAtOnce). Try again shortly.", "server_error", code: "guardrail_busy") with
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static OpenAIError AnswerTooLongToJudge(RuleIdentity rule, int most) => OpenAIError.Of(
        StatusCodes.Status502BadGateway, $"The rule {Words(rule)} has answers judged by a model, and this one is more than {most} windows of up to 500 bytes (setting Guardrails:MostWindows): ask for a shorter one, or for a stream.", "server_error", code: "guardrail_too_long");

    public static OpenAIError AnswerTooLong(int most) => OpenAIError.Of(
        StatusCodes.Status502BadGateway, $"The model's answer has more than {most} bytes, and rules hold no larger one (setting Guardrails:MostAnswerBytes): ask for fewer answers at once, or for a stream.", "server_error", code: "guardrail_too_long");

    /// <summary>An answer that cannot be looked into does not pass.</summary>
    public static OpenAIError Unreadable { get; } = OpenAIError.Of(
        StatusCodes.Status502BadGateway, "The model's answer has a form that the rules of this project cannot be held against.", "server_error", code: "guardrail_unreadable");

    public static OpenAIError Unusable(RuleIdentity rule) => OpenAIError.Of(
        StatusCodes.Status503ServiceUnavailable, $"The rule {Words(rule)} cannot be followed now, and nothing passes without it.", "server_error", code: "guardrail_unavailable") with
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    private static string Words(RuleIdentity rule) => $"'{rule.Name}' of this {rule.Level}";
}
