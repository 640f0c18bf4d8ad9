using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Identity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "Revoked",
                table: "IssuedCertificates",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RevokedReason",
                table: "IssuedCertificates",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Via",
                table: "IssuedCertificates",
                type: "text",
                nullable: false,
                defaultValue: "token");

            migrationBuilder.AddColumn<int>(
                name: "Uses",
                table: "EnrolmentTokens",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "WithdrawnBy",
                table: "EnrolmentTokens",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "CommandNumber",
                table: "Devices",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "IsCloned",
                table: "Devices",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "QuarantineReason",
                table: "Devices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Quarantined",
                table: "Devices",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RecentHellos",
                table: "Devices",
                type: "text",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "Retired",
                table: "Devices",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RevokedReason",
                table: "Devices",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Title",
                table: "Devices",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "Commands",
                columns: table => new
                {
                    Id = table.Column<string>(type: "text", nullable: false),
                    Device = table.Column<string>(type: "text", nullable: false),
                    Kind = table.Column<string>(type: "text", nullable: false),
                    Reason = table.Column<string>(type: "text", nullable: false),
                    State = table.Column<string>(type: "text", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Envelope = table.Column<string>(type: "text", nullable: false),
                    AskedBy = table.Column<string>(type: "text", nullable: false),
                    Asked = table.Column<long>(type: "bigint", nullable: false),
                    ApprovedBy = table.Column<string>(type: "text", nullable: true),
                    Ended = table.Column<long>(type: "bigint", nullable: true),
                    Answer = table.Column<string>(type: "text", nullable: true),
                    RowVersion = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Commands", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "EnrolmentAsks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Key = table.Column<string>(type: "text", nullable: false),
                    Wish = table.Column<string>(type: "text", nullable: false),
                    Hardware = table.Column<string>(type: "text", nullable: false),
                    Address = table.Column<string>(type: "text", nullable: false),
                    Replaces = table.Column<bool>(type: "boolean", nullable: false),
                    Asked = table.Column<long>(type: "bigint", nullable: false),
                    LastAsked = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<string>(type: "text", nullable: false),
                    Device = table.Column<string>(type: "text", nullable: true),
                    Site = table.Column<string>(type: "text", nullable: false),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    DecidedBy = table.Column<string>(type: "text", nullable: true),
                    Decided = table.Column<long>(type: "bigint", nullable: true),
                    Reason = table.Column<string>(type: "text", nullable: true),
                    RowVersion = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EnrolmentAsks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ListedKeys",
                columns: table => new
                {
                    Key = table.Column<string>(type: "text", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false),
                    Site = table.Column<string>(type: "text", nullable: false),
                    Tags = table.Column<List<string>>(type: "text[]", nullable: false),
                    AddedBy = table.Column<string>(type: "text", nullable: false),
                    Added = table.Column<long>(type: "bigint", nullable: false),
                    UsedBy = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ListedKeys", x => x.Key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_IssuedCertificates_Key",
                table: "IssuedCertificates",
                column: "Key");

            migrationBuilder.CreateIndex(
                name: "IX_Commands_Device_Asked",
                table: "Commands",
                columns: new[] { "Device", "Asked" });

            migrationBuilder.CreateIndex(
                name: "IX_Commands_State",
                table: "Commands",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentAsks_Key",
                table: "EnrolmentAsks",
                column: "Key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentAsks_State",
                table: "EnrolmentAsks",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Commands");

            migrationBuilder.DropTable(
                name: "EnrolmentAsks");

            migrationBuilder.DropTable(
                name: "ListedKeys");

            migrationBuilder.DropIndex(
                name: "IX_IssuedCertificates_Key",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Revoked",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "RevokedReason",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Via",
                table: "IssuedCertificates");

            migrationBuilder.DropColumn(
                name: "Uses",
                table: "EnrolmentTokens");

            migrationBuilder.DropColumn(
                name: "WithdrawnBy",
                table: "EnrolmentTokens");

            migrationBuilder.DropColumn(
                name: "CommandNumber",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "IsCloned",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "QuarantineReason",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Quarantined",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "RecentHellos",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Retired",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "RevokedReason",
                table: "Devices");

            migrationBuilder.DropColumn(
                name: "Title",
                table: "Devices");
        }
    }
}
