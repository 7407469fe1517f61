namespace AiFactory.Gateway.Guardrails.Entities;

/// <summary>How one kind of personal data or of secret is found.</summary>
/// <param name="Label">What is put in its place.</param>
/// <param name="Pattern">What it looks like, in whatever case.</param>
/// <param name="Verify">How many characters of what looks like it are it; 0 when none. Null where looks are all there is.</param>
internal sealed record Entity(string Name, string Label, string Pattern, Verification? Verify = null);

/// <returns>How many characters, from the first, it is.</returns>
internal delegate int Verification(ReadOnlySpan<char> candidate);
