namespace AiFactory.Gateway.Files.Uploads;

/// <summary>What became of a part whose bytes are stored.</summary>
internal enum PartCommit
{
    Kept,

    /// <summary>The upload was made for fewer bytes.</summary>
    TooMuch,

    /// <summary>It has ended meanwhile.</summary>
    TooLate,
}
