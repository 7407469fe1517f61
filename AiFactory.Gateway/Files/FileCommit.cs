namespace AiFactory.Gateway.Files;

/// <summary>What became of a file whose bytes are stored.</summary>
internal enum FileCommit
{
    Kept,

    /// <summary>The project has as many bytes as it may.</summary>
    NoRoom,

    /// <summary>It took so long that the sweep took it for abandoned, or its upload has ended meanwhile.</summary>
    TooLate,
}
