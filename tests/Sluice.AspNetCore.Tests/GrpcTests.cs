using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.AspNetCore.Tests;

/// <summary>gRPC's own server and client, whose server knows nothing of the transport.</summary>
public sealed class GrpcTests(SelectorEngine engine) : KestrelFixture(engine)
{
    [Test]
    public async Task Many_calls_at_once_are_answered()
    {
        using GrpcChannel channel = await OpenAsync();
        var client = new Greeter.GreeterClient(channel);

        HelloReply[] replies = await Task.WhenAll(Enumerable.Range(0, 500)
            .Select(i => client.SayHelloAsync(new HelloRequest { Name = $"{i}" }).ResponseAsync)).Soon();

        Assert.That(replies.Select(reply => reply.Message), Is.EqualTo(Enumerable.Range(0, 500).Select(i => $"Hello {i}")));
    }

    [Test]
    public async Task Messages_go_both_ways_at_the_same_time_and_a_status_ends_them()
    {
        using GrpcChannel channel = await OpenAsync();
        using AsyncDuplexStreamingCall<HelloRequest, HelloReply> call = new Greeter.GreeterClient(channel).SayHelloToMany();

        for (int i = 0; i < 200; i++)
        {
            await call.RequestStream.WriteAsync(new HelloRequest { Name = $"{i}" }).Soon();
            Assert.That(await call.ResponseStream.MoveNext().Soon());
            Assert.That(call.ResponseStream.Current.Message, Is.EqualTo($"Hello {i}"));
        }

        await call.RequestStream.CompleteAsync().Soon();
        Assert.That(await call.ResponseStream.MoveNext().Soon(), Is.False);
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task A_call_past_its_deadline_ends_and_the_connection_goes_on()
    {
        using GrpcChannel channel = await OpenAsync();
        var client = new Greeter.GreeterClient(channel);
        using AsyncDuplexStreamingCall<HelloRequest, HelloReply> silent = client.SayHelloToMany(deadline: DateTime.UtcNow.AddMilliseconds(200));

        Exception? failure = await silent.ResponseStream.MoveNext().OutcomeAsync();

        Assert.That(failure, Is.InstanceOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(StatusCode.DeadlineExceeded));
        HelloReply reply = await client.SayHelloAsync(new HelloRequest { Name = "again" }).ResponseAsync.Soon();
        Assert.That(reply.Message, Is.EqualTo("Hello again"));
    }

    private async Task<GrpcChannel> OpenAsync()
    {
        WebApplication server = await StartAsync(
            app => app.MapGrpcService<GreeterService>(), listen => listen.Protocols = HttpProtocols.Http2, services: services => services.AddGrpc());
        return GrpcChannel.ForAddress(AddressOf(server));
    }

    private sealed class GreeterService : Greeter.GreeterBase
    {
        public override Task<HelloReply> SayHello(HelloRequest request, ServerCallContext context) =>
            Task.FromResult(new HelloReply { Message = "Hello " + request.Name });

        public override async Task SayHelloToMany(
            IAsyncStreamReader<HelloRequest> requestStream, IServerStreamWriter<HelloReply> responseStream, ServerCallContext context)
        {
            await foreach (HelloRequest request in requestStream.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(new HelloReply { Message = "Hello " + request.Name });
            }
        }
    }
}
