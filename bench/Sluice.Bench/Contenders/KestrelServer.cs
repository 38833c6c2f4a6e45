using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace Sluice.Bench.Contenders;

/// <summary>Kestrel with a <see cref="ConnectionDelegate"/> instead of HTTP, without logging.</summary>
internal static class KestrelServer
{
    public static Task RunAsync(ServerMode mode, Action<int> listening) => RunAsync(mode, flushEachLine: true, listening);

    public static Task RunBatchedAsync(ServerMode mode, Action<int> listening) => RunAsync(mode, flushEachLine: false, listening);

    private static async Task RunAsync(ServerMode mode, bool flushEachLine, Action<int> listening)
    {
        Action<int>? work = Work.Of(mode);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(
            IPAddress.Loopback, 0, listen => listen.Run(connection => ServeAsync(connection, mode, work, flushEachLine))));
        await using WebApplication application = builder.Build();
        await application.StartAsync();
        listening(new Uri(application.Urls.Single()).Port);
        await application.WaitForShutdownAsync();
    }

    private static async Task ServeAsync(ConnectionContext connection, ServerMode mode, Action<int>? work, bool flushEachLine)
    {
        try
        {
            await PipeServer.RunAsync(connection.Transport.Input, connection.Transport.Output, mode, work, flushEachLine);
        }
        catch (ConnectionResetException)
        {
            // The load has disconnected.
        }
    }
}
