using Grpc.Core;

namespace Sluice.Bench.Kestrel;

/// <summary>What Grpc.Tools would generate for a service with one unary method on bytes.</summary>
[BindServiceMethod(typeof(EchoServiceBase), nameof(Bind))]
internal abstract class EchoServiceBase
{
    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    public static Method<byte[], byte[]> Method { get; } = new(MethodType.Unary, "sluice.bench.Echo", nameof(Say), s_bytes, s_bytes);

    public static void Bind(ServiceBinderBase binder, EchoServiceBase? service) =>
        binder.AddMethod(Method, service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Say));

    public abstract Task<byte[]> Say(byte[] request, ServerCallContext context);
}
