using Microsoft.AspNetCore.Builder;

namespace AiFactory.ServiceDefaults;

/// <summary>How a service of the factory begins.</summary>
public static class ServiceApplication
{
    /// <summary>
    /// The usual builder, whose files of settings are read once: a watch for changes is one of all that is written below the content root (inotify), and a service
    /// that writes there waits for it: README.md has the figures. Settings change with a restart; <c>--hostBuilder:reloadConfigOnChange=true</c> brings the watch back.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
}
