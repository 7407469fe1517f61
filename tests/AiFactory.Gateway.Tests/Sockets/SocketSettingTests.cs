using AiFactory.Gateway.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Tests.Sockets;

public sealed class SocketSettingTests
{
    [Theory]
    [InlineData("Sockets:MaxMessageBytes", "1")]
    [InlineData("Sockets:MaxRequests", "0")]
    [InlineData("Sockets:SendTimeout", "00:00:00")]
    public void A_bad_setting_stops_the_start_with_a_sentence_that_names_it(string setting, string value)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration[setting] = value;
        builder.Services.AddSockets();
        using var services = builder.Services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate).Message.ShouldContain($"{setting} ");
    }
}
