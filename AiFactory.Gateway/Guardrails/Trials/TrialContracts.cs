using AiFactory.Contracts.Guardrails;

namespace AiFactory.Gateway.Guardrails.Trials;

/// <param name="Text">What a user writes, or a model answers.</param>
/// <param name="AppliesTo">One of <see cref="GuardrailDirections"/> but <c>both</c>; <c>input</c> when null.</param>
/// <param name="Project">The caller's own when null.</param>
/// <param name="Deployment">Whose rules hold beside the project's; none when null.</param>
/// <param name="Rules">Rules that are not saved yet, in the place of those that hold.</param>
internal sealed record TrialRequest(string? Text, string? AppliesTo, string? Project, string? Deployment, IReadOnlyList<GuardrailRule>? Rules);

/// <param name="Outcome"><c>passed</c>, <c>masked</c> or <c>blocked</c>.</param>
/// <param name="Text">What a model, or a client, would get; null when nothing.</param>
/// <param name="Found">The rules that found something, as <c>mask:no-mail</c>.</param>
/// <param name="Message">What a client would be told in the place of an answer.</param>
internal sealed record TrialResponse(string Outcome, string? Text, IReadOnlyList<string> Found, string? Message);
