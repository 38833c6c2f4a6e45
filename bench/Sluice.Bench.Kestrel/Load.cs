using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.SignalR.Client;
using MQTTnet;
using MQTTnet.Protocol;

namespace Sluice.Bench.Kestrel;

/// <summary>Clients of protocols that wrk and h2load do not speak. Each sends the next request when it has the answer to the last.</summary>
internal static class Load
{
    private const int GrpcCalls = 64;
    private const int SignalRClients = 50;
    private const int MqttClients = 16;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.5);

    /// <summary>Returns how many answers came a second.</summary>
    public static async Task<double> RunAsync(string protocol, int port, TimeSpan duration)
    {
        var disposables = new List<IAsyncDisposable>();
        List<Func<Task>> clients = protocol switch
        {
            "grpc" => Grpc(port),
            "signalr" => await SignalRAsync(port, disposables),
            "mqtt" => await MqttAsync(port),
            _ => throw new ArgumentException($"There is no load for {protocol}.", nameof(protocol)),
        };
        await CountAsync(clients, s_warmUp);
        double rate = await CountAsync(clients, duration);
        foreach (IAsyncDisposable disposable in disposables)
        {
            await disposable.DisposeAsync();
        }

        return rate;
    }

    private static async Task<double> CountAsync(List<Func<Task>> clients, TimeSpan duration)
    {
        long began = Stopwatch.GetTimestamp();
        int[] counts = await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            int count = 0;
            for (; Stopwatch.GetElapsedTime(began) < duration; count++)
            {
                await client();
            }

            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static List<Func<Task>> Grpc(int port)
    {
        CallInvoker invoker = GrpcChannel.ForAddress($"http://127.0.0.1:{port}").CreateCallInvoker();
        byte[] request = new byte[64];
        return [.. Enumerable.Repeat<Func<Task>>(async () => await invoker.AsyncUnaryCall(EchoServiceBase.Method, null, default, request), GrpcCalls)];
    }

    private static async Task<List<Func<Task>>> SignalRAsync(int port, List<IAsyncDisposable> disposables)
    {
        var clients = new List<Func<Task>>();
        string text = new('x', 64);
        for (int i = 0; i < SignalRClients; i++)
        {
            HubConnection connection = new HubConnectionBuilder().WithUrl($"http://127.0.0.1:{port}/echo").Build();
            disposables.Add(connection);
            await connection.StartAsync();
            clients.Add(() => connection.InvokeAsync<string>(nameof(EchoHub.Echo), text));
        }

        return clients;
    }

    private static async Task<List<Func<Task>>> MqttAsync(int port)
    {
        var clients = new List<Func<Task>>();
        for (int i = 0; i < MqttClients; i++)
        {
            IMqttClient client = new MqttClientFactory().CreateMqttClient();
            await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build());
            MqttApplicationMessage message = new MqttApplicationMessageBuilder()
                .WithTopic($"bench/{i}").WithPayload(new byte[64]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            clients.Add(() => client.PublishAsync(message));
        }

        return clients;
    }
}
