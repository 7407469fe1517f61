using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Guardrails;

/// <summary>What clients are told. It names the rule and never what the rule found.</summary>
internal static class GuardrailError
{
    private const string InvalidRequest = "invalid_request_error";

    /// <summary>OpenAI's code, and the reason by which a choice of its answer ends.</summary>
    public const string Code = "content_filter";

    /// <param name="place">The member that holds what was found.</param>
    public static OpenAIError OfRequest(RuleIdentity rule, string place, string? why = null) =>
        OpenAIError.Of(StatusCodes.Status400BadRequest, $"The request was stopped by the rule {Words(rule)}{(why is null ? "" : $": {why}")}.", InvalidRequest, place, Code);

    /// <param name="why">In words of the rule's, and not of the answer's.</param>
    public static OpenAIError OfAnswer(RuleIdentity rule, string? why = null) =>
        OpenAIError.Of(StatusCodes.Status400BadRequest, $"The model's answer was stopped by the rule {Words(rule)}{(why is null ? "" : $": {why}")}.", InvalidRequest, code: Code);

    public static OpenAIError TooLongToJudge(RuleIdentity rule, int most) => OpenAIError.Of(
        StatusCodes.Status400BadRequest, $"The rule {Words(rule)} has texts judged by a model, and these are more than {most} windows of 500 characters: send fewer (setting Guardrails:MostWindows).", InvalidRequest, code: "guardrail_too_long");

    /// <param name="why">Completes "'judge' ...".</param>
    public static OpenAIError NotJudged(RuleIdentity rule, string judge, string why) => OpenAIError.Of(
        StatusCodes.Status503ServiceUnavailable,
        $"The rule {Words(rule)} has texts judged by '{judge}', which {why}. Nothing passes unjudged: try again shortly. Who writes rules can let it pass meanwhile (onFailure: pass) or name another judge.",
        "server_error",
        code: "guardrail_not_judged") with
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

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
