using System.Globalization;
using Aspire.Hosting;

namespace AiFactory.Hosting.Orchestration;

/// <summary>One AppHost at a time works on a data folder. The lock is the operating system's, so that it ends with its holder.</summary>
internal sealed class DataLock : IDisposable
{
    private readonly FileStream _file;

    private DataLock(FileStream file) => _file = file;

    public static DataLock Take(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "lock");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var holder = $"{Path.Combine(directory, "lock.pid")}";
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataLock(file);
        }
        catch (IOException exception)
        {
            throw new DistributedApplicationException(
                $"The data folder '{directory}' is in use by another AppHost{Holder(directory)}. Stop that one first; two cannot share a folder.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DistributedApplicationException($"The data folder '{directory}' cannot be written by this user.", exception);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(string directory)
    {
        try
        {
            return $" (process {File.ReadAllText(Path.Combine(directory, "lock.pid"))})";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
