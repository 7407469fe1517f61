namespace AiFactory.Gateway.Guardrails.Judging;

/// <summary>Windows of a request's texts.</summary>
/// <param name="OfUsers">How many, from the first on, are not of the application's author.</param>
internal readonly record struct RequestWindows(IReadOnlyList<string> Windows, int OfUsers);
