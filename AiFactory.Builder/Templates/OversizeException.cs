namespace AiFactory.Builder.Templates;

/// <summary>A step was about to read or make more than what is kept of one: it stops before it has it in memory.</summary>
internal sealed class OversizeException(string message) : Exception(message)
{
    internal OversizeException(int most)
        : this($"The step would make a text of more than {most / 1024} KB, which is the most that is kept.")
    {
    }
}
