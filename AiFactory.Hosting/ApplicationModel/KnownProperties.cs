namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names of snapshot properties that the Aspire dashboard gives a place of their own.</summary>
internal static class KnownProperties
{
    public const string ParameterValue = "Value";
    public const string ProjectPath = "project.path";
    public const string ExecutablePath = "executable.path";
    public const string ExecutableWorkDir = "executable.workDir";
    public const string ExecutableArgs = "executable.args";
    public const string ExecutablePid = "executable.pid";
    public const string ConnectionString = "resource.connectionString";
    public const string Restarts = "Restarts";
}
