namespace AiFactory.Gateway.Files.Uploads;

/// <summary>What became of a part whose bytes are stored.</summary>
internal enum PartCommit
{
    Kept,

    /// <summary>The upload was made for fewer bytes, also where parts were sent twice.</summary>
    TooMuch,

    /// <summary>It has more than it was promised room for, and the project has no more.</summary>
    NoRoom,

    /// <summary>It has ended meanwhile.</summary>
    TooLate,
}
