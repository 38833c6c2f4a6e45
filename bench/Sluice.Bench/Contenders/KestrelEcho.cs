using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace Sluice.Bench.Contenders;

/// <summary>Kestrel with a <see cref="ConnectionDelegate"/> instead of HTTP, and nothing logged.</summary>
internal static class KestrelEcho
{
    public static Task RunAsync(EchoMode mode, Action<int> listening) => RunAsync(mode, flushEachLine: true, listening);

    public static Task RunBatchedAsync(EchoMode mode, Action<int> listening) => RunAsync(mode, flushEachLine: false, listening);

    private static async Task RunAsync(EchoMode mode, bool flushEachLine, Action<int> listening)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(
            IPAddress.Loopback, 0, listen => listen.Run(connection => EchoAsync(connection, mode, flushEachLine))));
        await using WebApplication application = builder.Build();
        await application.StartAsync();
        listening(new Uri(application.Urls.Single()).Port);
        await application.WaitForShutdownAsync();
    }

    private static async Task EchoAsync(ConnectionContext connection, EchoMode mode, bool flushEachLine)
    {
        try
        {
            await PipeEcho.RunAsync(connection.Transport.Input, connection.Transport.Output, mode, flushEachLine);
        }
        catch (ConnectionResetException)
        {
            // The load has left.
        }
    }
}
