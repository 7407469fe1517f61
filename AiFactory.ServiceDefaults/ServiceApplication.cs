using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults;

/// <summary>How a service of the factory begins.</summary>
public static class ServiceApplication
{
    /// <summary>
    /// The usual builder without IIS, HTTP/3, regular expressions in routes and loggers that nobody listens to (README.md has what they weigh), whose files of settings are read once: a watch
    /// for changes is one of all that is written below the content root (inotify), and a service that writes there waits for it. Settings change with a restart;
    /// <c>--hostBuilder:reloadConfigOnChange=true</c> brings the watch back.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        builder.WebHost.UseKestrelHttpsConfiguration();

        // Its console has the simple form, which is the usual one too; said by a program it would count as a wish.
        builder.Services.RemoveAll<IConfigureOptions<ConsoleLoggerOptions>>();
        builder.Logging.AddConsole();
        return builder;
    }
}
