namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>
/// Runs a program as the leader of a session of its own: Ctrl+C in the terminal does not reach it (the AppHost stops it in its turn),
/// and its children are in its process group.
/// </summary>
internal static class NewSession
{
    public static (string File, IReadOnlyList<string> Arguments) Command(string file, IReadOnlyList<string> arguments)
        => OperatingSystem.IsMacOS()
            ? ("/usr/bin/perl", ["-e", "use POSIX; POSIX::setsid(); exec { $ARGV[0] } @ARGV or exit 127", file, .. arguments])
            : ("setsid", [file, .. arguments]);
}
