namespace AiFactory.Inference.Native;

/// <summary>What tells one state of a file from another without reading it. Times are nanoseconds since 1970.</summary>
/// <param name="Modified">When its bytes were written last; anybody may set it to what they like.</param>
/// <param name="Changed">When its bytes, its name or its times were: the system sets it, and nobody else.</param>
internal readonly record struct FileStamp(long Size, long Modified, long Changed, ulong Inode)
{
    /// <summary>The same but for what a mere use of the file changes.</summary>
    public bool HasBytesOf(FileStamp other) => this with { Changed = other.Changed } == other;
}
