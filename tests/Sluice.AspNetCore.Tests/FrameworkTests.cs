using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Tests;

namespace Sluice.AspNetCore.Tests;

/// <summary>What stands on Kestrel: SignalR, and exchanges as gRPC has them.</summary>
public sealed class FrameworkTests(SelectorEngine engine) : KestrelFixture(engine)
{
    private const char Separator = '\u001e';

    [Test]
    public async Task A_SignalR_hub_is_called_and_calls_back()
    {
        WebApplication server = await StartAsync(app => app.MapHub<EchoHub>("/hub"), services: services => services.AddSignalR());
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{AddressOf(server).Port}/hub"), default).Soon();

        await SendAsync(client, """{"protocol":"json","version":1}""");
        Assert.That(await ReceiveAsync(client, 1), Is.EqualTo(new[] { "{}" }));
        await SendAsync(client, """{"type":1,"invocationId":"7","target":"Echo","arguments":["hello"]}""");

        // The hub calls the client before its method ends.
        string[] answers = await ReceiveAsync(client, 2);
        Assert.That(answers[0], Does.Contain("\"type\":1").And.Contain("hello"));
        Assert.That(answers[1], Does.Contain("\"type\":3").And.Contain("\"invocationId\":\"7\""));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).Soon();
    }

    [Test]
    public async Task Messages_go_both_ways_at_the_same_time_and_trailers_end_them()
    {
        WebApplication server = await StartAsync(
            app => app.Run(async context =>
            {
                context.Response.ContentType = "application/grpc";
                while (true)
                {
                    ReadResult read = await context.Request.BodyReader.ReadAsync();
                    foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                    {
                        await context.Response.BodyWriter.WriteAsync(segment);
                    }

                    context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted)
                    {
                        context.Response.AppendTrailer("grpc-status", "0");
                        return;
                    }
                }
            }),
            listen => listen.Protocols = HttpProtocols.Http2);
        using var client = new HttpClient();
        var messages = new Pipe();
        using var request = new HttpRequestMessage(HttpMethod.Post, AddressOf(server))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new DuplexContent(messages.Reader),
        };

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Soon(FirstMessage(messages.Writer));
        Stream answers = await response.Content.ReadAsStreamAsync().Soon();
        byte[] answer = new byte[8];
        await answers.ReadExactlyAsync(answer).Soon();
        for (int i = 1; i < 100; i++)
        {
            byte[] message = BitConverter.GetBytes((long)i);
            await messages.Writer.WriteAsync(message).Soon();
            await answers.ReadExactlyAsync(answer).Soon();
            Assert.That(answer, Is.EqualTo(message));
        }

        await messages.Writer.CompleteAsync();
        Assert.That(await answers.ReadAsync(answer).Soon(), Is.Zero);
        Assert.That(response.TrailingHeaders.GetValues("grpc-status"), Is.EqualTo(new[] { "0" }));
    }

    private static string FirstMessage(PipeWriter messages)
    {
        messages.Write(BitConverter.GetBytes(0L));
        _ = messages.FlushAsync().AsTask();
        return "the answer to the first message";
    }

    private static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + Separator), WebSocketMessageType.Text, endOfMessage: true, default).Soon();

    // A frame may have several messages.
    private static async Task<string[]> ReceiveAsync(ClientWebSocket socket, int count)
    {
        byte[] buffer = new byte[4096];
        List<string> messages = [];
        while (messages.Count < count)
        {
            WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, default).Soon();
            messages.AddRange(Encoding.UTF8.GetString(buffer, 0, received.Count).Split(Separator, StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. messages];
    }

    /// <summary>Sends a caller's words back to it.</summary>
    public sealed class EchoHub : Hub
    {
        public async Task Echo(string words)
        {
            await Clients.Caller.SendAsync("Echoed", words);
        }
    }

    /// <summary>A body that is written while the answer is read.</summary>
    private sealed class DuplexContent(PipeReader messages) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            while (true)
            {
                ReadResult read = await messages.ReadAsync();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    await stream.WriteAsync(segment);
                }

                await stream.FlushAsync();
                messages.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
