namespace AiFactory.Builder.Steps;

/// <summary>A step was about to make a text larger than what is kept of one: it stops before it has it in memory.</summary>
internal sealed class OversizeException(int most) : Exception($"The step would make a text of more than {most / 1024} KB, which is the most that is kept.");
