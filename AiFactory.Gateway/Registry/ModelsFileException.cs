namespace AiFactory.Gateway.Registry;

/// <summary>A <c>models.yaml</c> cannot be used; the message names the file, and where there is one the line and the field.</summary>
public sealed class ModelsFileException : Exception
{
    public ModelsFileException()
    {
    }

    public ModelsFileException(string message)
        : base(message)
    {
    }

    public ModelsFileException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
