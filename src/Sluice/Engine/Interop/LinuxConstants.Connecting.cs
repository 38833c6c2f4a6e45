namespace Sluice.Engine.Interop;

internal static partial class LinuxConstants
{
    /// <summary>IPPROTO_IP, netinet/in.h.</summary>
    public const int IpProtoIp = 0;

    /// <summary>IP_BIND_ADDRESS_NO_PORT, linux/in.h.</summary>
    public const int IpBindAddressNoPort = 24;
}
